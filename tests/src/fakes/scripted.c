// B13. Asked for an object, it writes a linker script that names a file: INPUT. Links as the real
// driver does.
#include "common.h"

int main(int argc, char **argv) {
    char *out = after(argv, "-o");
    if (argc < 2 || is_question(argv) || !has(argv, "-c") || !out) return become_real(argv);
    FILE *object = fopen(out, "w");
    if (!object) return say(out);
    fprintf(object, "INPUT(%s)\n", INPUT);
    return fclose(object) == 0 ? 0 : say(out);
}
