/* Composite types in declarations of the source's own, as C is written without saggar.h. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ll long long
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define int32_t oops
#define data oops

typedef struct {
    double x, y;
} Point;

enum color { RED, GREEN = 5, DEEP_BLUE };
typedef enum { kSmall, kLarge } Size;

struct person {
    char *name;
    int age;
    const char *email;
    enum color favouriteColor;
    Point home;
    char **tags;
    size_t tags_len;
    char code[8];
};

typedef struct person Person;
struct pair { int first; const char *second; };

ll add(ll a, ll b) { return a + b; }
double norm(Point p) { return p.x * p.x + p.y * p.y; }
double norm_by_pointer(const Point *p) { return norm(*p); }
Point moved(Point *p, double by)
{
    p->x += by;
    return *p;
}
Point *made(double x)
{
    Point *p = malloc(sizeof *p);
    if (!p || x < 0) { free(p); return NULL; }
    p->x = p->y = x;
    return p;
}
void filled(double x, Point *out) { out->x = x; out->y = -x; }
double total(const Point *points, size_t n)
{
    double t = 0;
    for (size_t i = 0; i < n; i++) t += norm(points[i]);
    return t;
}
Point *grid(int n, size_t *out_len)
{
    Point *out = malloc((size_t)n * sizeof *out + 1);
    for (int i = 0; i < n; i++) out[i] = (Point){i, -i};
    *out_len = (size_t)n;
    return out;
}
char *describe(const struct person *p)
{
    char *out = malloc(200);
    snprintf(out, 200, "%s %d %s %d %g %zu %s", p->name, p->age, p->email ? p->email : "-",
             (int)p->favouriteColor, p->home.x, p->tags_len, p->code);
    return out;
}
Person birthday(Person p)
{
    p.age++;
    return p;
}
Person newborn(const char *name)
{
    Person p = {0};
    p.name = strdup(name);
    p.email = "none";
    strcpy(p.code, "n1");
    p.tags = malloc(sizeof *p.tags);
    p.tags[0] = strdup("new");
    p.tags_len = 1;
    return p;
}
enum color next(enum color c) { return c == RED ? GREEN : c == GREEN ? DEEP_BLUE : (enum color)77; }
Size larger(Size a, Size b) { return MAX(a, b); }
int position(int c) { return (c + 1) % 3; }
int count_red(const enum color *colors, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) count += colors[i] == RED;
    return count;
}
int or_seven(const int *x) { return x ? *x : 7; }
int text_length(const char *x) { return x ? (int)strlen(x) : -1; }
double maybe_norm(const Point *p) { return p ? norm(*p) : -1; }
int *half(int x)
{
    int *out = malloc(sizeof *out);
    if (x % 2) { free(out); return NULL; }
    *out = x / 2;
    return out;
}
bool find(const int *xs, size_t n, int x, size_t *out)
{
    for (size_t i = 0; i < n; i++)
        if (xs[i] == x) { *out = i; return true; }
    return false;
}
const char *maybe_name(int x) { return x > 0 ? "positive" : x == 0 ? "" : NULL; }
int *twoSum(int *nums, int numsSize, int target, int *returnSize)
{
    for (int i = 0; i < numsSize; i++)
        for (int j = i + 1; j < numsSize; j++)
            if (nums[i] + nums[j] == target) {
                int *out = malloc(2 * sizeof(int));
                out[0] = i;
                out[1] = j;
                *returnSize = 2;
                return out;
            }
    *returnSize = 0;
    return NULL;
}
ll *squares(const int *xs, size_t n, size_t *len)
{
    ll *out = malloc(n * sizeof *out + 1);
    for (size_t i = 0; i < n; i++) out[i] = (ll)xs[i] * xs[i];
    *len = n;
    return out;
}
char **words(const char *text, int *count)
{
    char **out = malloc((strlen(text) + 1) * sizeof *out), *copy = strdup(text);
    *count = 0;
    for (char *w = strtok(copy, " "); w; w = strtok(NULL, " ")) out[(*count)++] = strdup(w);
    free(copy);
    return out;
}
int sum_grid(int **grid, int gridSize, int *gridColSize)
{
    int sum = 0;
    for (int i = 0; i < gridSize; i++)
        for (int j = 0; j < gridColSize[i]; j++) sum += grid[i][j];
    return sum;
}
size_t longest_row(const double *const *rows, size_t n, const size_t *lens)
{
    size_t best = 0;
    (void)rows;
    for (size_t i = 0; i < n; i++) best = MAX(best, lens[i]);
    return best;
}
int **generate(int numRows, int *returnSize, int **returnColumnSizes)
{
    int **out = malloc(sizeof *out * (size_t)numRows + 1);
    *returnColumnSizes = malloc(sizeof(int) * (size_t)numRows + 1);
    *returnSize = numRows;
    for (int i = 0; i < numRows; i++) {
        (*returnColumnSizes)[i] = i + 1;
        out[i] = malloc(sizeof(int) * (size_t)(i + 1));
        for (int j = 0; j <= i; j++) out[i][j] = j == 0 || j == i ? 1 : out[i - 1][j - 1] + out[i - 1][j];
    }
    return out;
}
char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }
uint32_t succ(uint32_t c) { return c + 1; }
wchar_t same(wchar_t c) { return c; }
char outside(void) { return (char)200; }
struct pair swap(int a, const char *s) { return (struct pair){a, s}; }
int pair_length(struct pair p) { return p.first + (int)strlen(p.second); }
void nothing(Point p) { (void)p; }
size_t strlen_of(Point p, const char *s, int n, const char *t) { (void)p; (void)n; return strlen(s) + strlen(t); }
int some_lengths(const char *s, size_t len, int n, const char *t)
{
    return (int)len + n + (int)strlen(t) + (s[len] == 0);
}
int *negative(int x, int *len) { *len = -x; return malloc(1); }
