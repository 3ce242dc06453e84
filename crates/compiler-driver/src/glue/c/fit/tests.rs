//! What the source declares, fitted to the types of an interface.

use saggar_model::parse_interface;

use super::*;

/// The types of the C objects that each parameter and the result are, or what does not fit.
fn fitted(types: &str, function: &str, source: &str) -> String {
    let interface = parse_interface(&format!("{types}\n{function};")).expect("an interface");
    let names = Names::new(&interface);
    let source = Source::read(source);
    let mut fitter = Fitter {
        source: &source,
        names: &names,
        codecs: &mut Codecs::default(),
        tried: &mut HashSet::new(),
    };
    match fitter.function(&interface.functions[0], &source.functions["f"]) {
        Ok(plan) => {
            let params = plan.params.iter().map(|taken| taken.objects.join(", "));
            let result = match plan.result {
                Given::Nothing => "nothing".to_owned(),
                Given::Returned(_, types) => types.join(", "),
                Given::Filled(_, c_type) => format!("fills {c_type}"),
                Given::FilledIf(_, c_type) => format!("may fill {c_type}"),
            };
            format!("{} -> {result}", params.collect::<Vec<_>>().join(" | "))
        }
        Err(misfits) => misfits
            .iter()
            .map(|misfit| match misfit {
                Misfit::Parameter(at) => format!("parameter {at} "),
                Misfit::Result => "result ".to_owned(),
                Misfit::Arity => "arity ".to_owned(),
            })
            .collect(),
    }
}

fn check(function: &str, source: &str, expected: &str) {
    let types = "record p { x: f64 } enum c { a, b }";
    assert_eq!(fitted(types, function, source), expected, "{function}\n{source}");
}

#[test]
fn lengths_go_where_all_parameters_are_used() {
    let three = "f: func(s: string, n: s32, t: string)";
    check(three, "void f(char *s, int n, char *t);", "char * | int | char * -> nothing");
    check(
        three,
        "void f(char *s, int l, int n, char *t);",
        "char *, int | int | char * -> nothing",
    );
    check(three, "void f(char *s, int n);", "arity ");
    check("f: func(x: option<s32>) -> string", "char *f(int *x);", "int * -> char *");
    check("f: func() -> string", "char *f(int *n);", " -> char *, int");
    check("f: func() -> string", "char *f(const int *n);", "arity ");
}

#[test]
fn results_are_returned_or_filled() {
    let record = "struct p { double x; };";
    check("f: func() -> p", &format!("{record} void f(struct p *x);"), " -> fills struct p");
    check("f: func() -> option<s32>", "_Bool f(int *x);", " -> may fill int");
    check("f: func() -> option<s32>", "int f(int *x);", "result ");
    check(
        "f: func() -> list<list<u8>>",
        "unsigned char **f(int *n, size_t **l);",
        " -> unsigned char **, int, size_t *",
    );
}

#[test]
fn enumerators_are_found_by_name_or_place() {
    let cases = |source: &str| fitted("enum tint { dark-red, blue }", "f: func(x: tint)", source);
    for names in ["DARK_RED, BLUE", "TINT_DARK_RED, TintBlue", "kDarkRed, blue", "One, Two"] {
        let source = format!("typedef enum {{ {names} }} Hue; void f(Hue x);");
        assert_eq!(cases(&source), "Hue -> nothing", "{names}");
    }
    for names in ["DARK_RED, GREEN", "A, B, C"] {
        let source = format!("typedef enum {{ {names} }} Hue; void f(Hue x);");
        assert_eq!(cases(&source), "parameter 0 ", "{names}");
    }
}

#[test]
fn structs_without_an_end_come_to_one() {
    let endless = "struct a { struct a *next; int n; };";
    check("f: func(x: list<list<s32>>)", &format!("{endless} void f(struct a x);"), "parameter 0 ");
    let deep = format!("f: func(x: {}s32{})", "option<".repeat(20), ">".repeat(20));
    check(&deep, &format!("void f(int {}x);", "*".repeat(40)), "parameter 0 ");
    let many = format!("void f({}int x);", "int a, char *b, ".repeat(5000));
    check("f: func(x: list<list<s32>>)", &many, "parameter 0 ");
}
