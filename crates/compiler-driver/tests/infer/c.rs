//! C as people and models write it.

use saggar_model::Language::C;

use crate::{check, check_note, check_skipped};

#[test]
fn pointers_take_their_length_from_the_next_parameter() {
    check(
        C,
        "double dot(const double *xs, size_t n, double ys[], int ysSize, float by) {}",
        "dot: func(xs: list<f64>, ys: list<f64>, by: f32) -> f64;",
    );
    check(
        C,
        "char *join(const char **words, int n, const char *sep, const char *s, size_t s_len) {}",
        "join: func(words: list<string>, sep: string, s: string) -> string;",
    );
    check(
        C,
        "int* twoSum(int* nums, int numsSize, int target, int* returnSize) {}",
        "two-sum: func(nums: list<s32>, target: s32) -> list<s32>;",
    );
}

#[test]
fn rows_have_their_lengths_in_an_array() {
    check(
        C,
        "int** turn(int** grid, int gridSize, int* gridColSize, int* returnSize, \
         int** returnColumnSizes) {}",
        "turn: func(grid: list<list<s32>>) -> list<list<s32>>;",
    );
    check(
        C,
        "int f(char **board, int n, int *boardColSize) {}\nint g(char **words, int n) {}",
        "f: func(board: list<list<char>>) -> s32;\ng: func(words: list<string>) -> s32;",
    );
    check_skipped(C, "int f(int **grid, int n, int *marks) {}", "how many values");
    check_skipped(C, "int f(char **words, int n, int *lens) {}", "a pointer alone");
    check_skipped(C, "int **f(int n, int *returnSize) {}", "how many values");
}

#[test]
fn structs_and_enums() {
    let found = check(
        C,
        "typedef struct point_s { double x, y; } Point;\ntypedef struct { int *data; size_t len; } ints;\n\
         enum color { COLOR_RED, COLOR_GREEN };\n\
         ints f(Point p, enum color c, struct point_s *const ps, size_t n_ps) {}",
        "record point { x: f64, y: f64 }\nenum color { red, green }\n\
         f: func(p: point, c: color, ps: list<point>) -> list<s32>;",
    );
    assert!(found.symbols.is_empty(), "{:?}", found.symbols);
    check(
        C,
        "#include \"saggar.h\"\nsaggar_option_u32 f(saggar_list_list_s32 m, saggar_result_none_string r, \
         saggar_tuple_u8_string t, saggar_char c) {}",
        "f: func(m: list<list<s32>>, r: result<_, string>, t: tuple<u8, string>, c: char) -> \
         option<u32>;",
    );
}

#[test]
fn what_is_ambiguous_is_said() {
    check_skipped(
        C,
        "int f(int *p) {}",
        "may be a list, an optional value or a place for a result",
    );
    check_skipped(C, "int *f(int n) {}", "it returns a pointer");
    check_skipped(C, "int f(saggar_point p) {}", "of saggar.h is made from the interface");
    check_skipped(C, "int f(saggar_list_7 p) {}", "of saggar.h is made from the interface");
    check_skipped(C, "int f(const char *fmt, ...) {}", "variable number of arguments");
    check_skipped(C, "int f(void *data, size_t n) {}", "`void *`");
    check_skipped(C, "int f(int (*g)(int)) {}", "function pointer");
    let found = check(C, "void f(char *s, char c) {}", "f: func(s: string, c: char);");
    check_note(&found, 1, "what the function writes into it is lost");
    check_note(&found, 1, "taken as char");
    let found = check(C, "int f(unsigned char *p, size_t n) {}", "f: func(p: list<u8>) -> s32;");
    check_note(&found, 1, "list of bytes; if it is text");
}
