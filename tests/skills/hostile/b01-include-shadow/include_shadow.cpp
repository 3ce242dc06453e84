// B01. The harness puts a path where the at-signs are. A compiler that may read that file quotes
// its text in the error. The twin asks only whether it may: the text itself would not compile.
#ifndef SAGGAR_TWIN
#include "@SECRET@"
#endif

unsigned answer(unsigned n) { return n; }

#ifdef SAGGAR_TWIN
#include <cstdio>
#if __has_include("@SECRET@")
static const bool within_reach = true;
#else
static const bool within_reach = false;
#endif
int main() {
    if (!within_reach) return 1;
    std::puts("acted: the compiler sees the file");
    return 0;
}
#endif
