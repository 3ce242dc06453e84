// B22. Asked to build, it prints what steers a terminal: control characters, title and colour,
// right-to-left text, C1, NUL, bytes that are no UTF-8; as plain text and as gcc's JSON.
#include "common.h"

#define LOOT "A\033[31mred\033]0;title\007\b\r \xe2\x80\xae" "bidi \xc2\x9b" "31m \x7f"

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    static const char json[] =
        "[{\"kind\": \"error\", \"message\": \"" LOOT "\\u001b[31m\", \"locations\": [{\"caret\": "
        "{\"file\": \"skill.cpp\", \"line\": 1, \"byte-column\": 1}}], \"children\": []}]\n";
    static const char plain[] = "fake: Error: " LOOT " \0 \xff\xfe\n";
    fwrite(json, 1, sizeof json - 1, stderr);
    fwrite(plain, 1, sizeof plain - 1, stderr);
    return 1;
}
