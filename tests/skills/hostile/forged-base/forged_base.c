// Writes into the loader's own list of objects, which says where this one lies, and crashes then, in
// a constructor: whoever explains the crash by that list is told any number.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>

// What is forged when the skill is loaded. 0: nothing, and it does not crash.
#define AT_LOAD 0

static volatile uint32_t nothing;

uint32_t half(uint32_t n) { return n / 2; }

static struct link_map *own(void) {
    Dl_info info;
    struct link_map *map = 0;
    return dladdr1((void *)half, &info, (void **)&map, RTLD_DL_LINKMAP) ? map : 0;
}

static void forge(int what) {
    struct link_map *map = own();
    switch (what) {
        case 2: map->l_addr = UINT64_MAX; break;
        case 3: map->l_addr += 4096; break;
        case 4: map->l_addr -= 1; break;
        case 5: map->l_addr = 0x8000000000000000; break;
        case 6: map->l_prev->l_next = (struct link_map *)0x10000; break;
        case 7: map->l_prev->l_next = (struct link_map *)UINT64_MAX; break;
        case 8: map->l_prev->l_next = (struct link_map *)((char *)map + 1); break;
        case 9: map->l_prev->l_next = 0; break;
    }
}

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before(void) {
    if (AT_LOAD == 0) return;
    forge(AT_LOAD);
    nothing = half(7) / nothing;
}
#else
#include <stdio.h>
int main(void) {
    struct link_map *map = own();
    uint64_t before = map->l_addr;
    forge(3);
    uint64_t after = map->l_addr;
    map->l_addr = before;
    if (after != before + 4096) return 1;
    puts("acted: the list says that it lies 4096 bytes further");
    return 0;
}
#endif
