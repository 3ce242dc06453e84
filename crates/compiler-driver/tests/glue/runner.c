/* Makes one call through the exported table: INDEX CAP ARGS OUT. Prints the status. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frame {
    const unsigned char *args;
    uint64_t args_len;
    unsigned char *result;
    uint64_t result_cap;
    uint64_t result_len;
};

struct table {
    uint32_t abi;
    uint32_t count;
    unsigned char interface[32];
    unsigned (*const *entries)(struct frame *);
};

extern const struct table saggar_skill_v1;

int main(int argc, char **argv)
{
    static unsigned char args[1 << 20] __attribute__((aligned(64)));
    static unsigned char result[(1 << 20) + 64] __attribute__((aligned(64)));
    if (argc != 5) return 2;
    unsigned index = (unsigned)atoi(argv[1]);
    uint64_t cap = (uint64_t)atol(argv[2]);
    FILE *in = fopen(argv[3], "rb"), *out = fopen(argv[4], "wb");
    if (!in || !out || index >= saggar_skill_v1.count || saggar_skill_v1.abi != 1) return 2;
    struct frame frame = {args, fread(args, 1, sizeof args, in), result, cap, 999};
    memset(result, 0xaa, sizeof result);
    unsigned status = saggar_skill_v1.entries[index](&frame);
    for (uint64_t i = cap; i < sizeof result; i++)
        if (result[i] != 0xaa) return 3;
    if (frame.result_len > cap && status < 2) return 4;
    if (status < 2) fwrite(result, 1, frame.result_len, out);
    fclose(out);
    printf("%u\n", status);
    return 0;
}
