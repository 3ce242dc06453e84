#define int long long
#define private public
#define virtual
#define final
#define std std
#define exception oops
#define new oops
#define unsigned signed
#define operator oops
int add(int a, int b) { return a + b; }
bool less(double a, double b) noexcept { return a < b; }
const char *name() { return "bare"; }
