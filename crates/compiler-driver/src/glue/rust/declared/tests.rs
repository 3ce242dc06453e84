//! What is read out of declarations, and that no text harms the reader.

use super::*;

fn parameters(source: &str, path: &str) -> String {
    let source = Source::read(source).expect("tokens");
    let Some((_, function)) = source.function(path) else { return "missing".to_owned() };
    let Generics { lifetimes, types, consts } = &function.generics;
    let types: Vec<_> = types
        .iter()
        .map(|(name, bounds)| {
            let bounds: Vec<_> = bounds.iter().map(Path::name).collect();
            format!("{name}: {}", bounds.join(" + "))
        })
        .collect();
    let params: Vec<_> = function.params.iter().map(spelled).collect();
    format!(
        "<{lifetimes} | {} | {}>({}) -> {}",
        types.join(", "),
        consts.join(", "),
        params.join(", "),
        spelled(&function.result)
    )
}

fn spelled(ty: &Ty) -> String {
    let list = |types: &[Ty]| types.iter().map(spelled).collect::<Vec<_>>().join(", ");
    let path = |path: &Path| {
        let bindings: String =
            path.bindings.iter().map(|(name, ty)| format!(" {name}={}", spelled(ty))).collect();
        format!("{}[{}{bindings}]", path.segments.join("."), list(&path.args))
    };
    match ty {
        Ty::Ref(inner) => format!("&{}", spelled(inner)),
        Ty::Slice(inner) => format!("[{}]", spelled(inner)),
        Ty::Tuple(types) => format!("({})", list(types)),
        Ty::Path(named) => path(named),
        Ty::Bounds(bounds) => bounds.iter().map(path).collect::<Vec<_>>().join("+"),
        Ty::Other => "?".to_owned(),
    }
}

fn check(source: &str, path: &str, expected: &str) {
    assert_eq!(parameters(source, path), expected, "{source}");
}

#[test]
fn declarations_are_read_as_they_are_written() {
    check("fn f(a: i32, mut b: &mut [u8]) {}", "f", "<0 |  | >(i32[], &[u8[]]) -> ()");
    check(
        "#[inline] pub(crate) unsafe extern \"C\" fn f<'a, T: Ord + 'a, const N: usize>(\
         (a, b): (T, [T; N]), &c: &'a std::vec::Vec<Vec<T>>) -> Result<T, Box<dyn Error + Send>> \
         where T: Copy, Vec<T>: Sized { 1 < 2 }",
        "f",
        "<1 | T: Ord + Copy | N>((T[], [T[]]), &std.vec.Vec[Vec[T[]]]) -> \
         Result[T[], Box[Error[]+Send[]]]",
    );
    check(
        "fn f(i: impl Iterator<Item = (u8, &str)> + '_, g: fn(u8) -> u8, p: *const u8, (q): u8)",
        "f",
        "<0 |  | >(Iterator[ Item=(u8[], &str[])], ?, ?, u8[]) -> ()",
    );
    check(
        "#!/bin/x 'a\nmod a { mod b { fn r#type() -> (u8,) {} } }",
        "a::b::type",
        "<0 |  | >() -> (u8[])",
    );
    check(
        "impl<T> A<T> { fn f(&self, x: u8) {} } impl B for A { fn g() {} }",
        "A::f",
        "<0 |  | >(?, u8[]) -> ()",
    );
    check("impl B for A { fn g() {} }", "A::g", "missing");
    check("#[cfg(test)] fn f() {} #[test] fn f() {} fn f(x: u8) {}", "f", "<0 |  | >(u8[]) -> ()");
    check("macro_rules! m { () => { fn f() {} } } // fn f() {}", "f", "missing");
}

#[test]
fn what_is_no_tokens_is_not_read() {
    for source in ["fn f() {", "\"", "/*", "fn f() } {", "r##\"x\"#"] {
        assert!(Source::read(source).is_none(), "{source}");
    }
}

/// A megabyte of what opens or nests, read on a small stack in linear time.
#[test]
fn hostile_texts_of_a_mebibyte_are_read() {
    const PIECES: [&str; 16] = [
        "fn f<",
        "fn f(a: ",
        "&",
        "mod m {",
        "struct S<T: ",
        "impl ",
        "type A = ",
        "(",
        "[",
        "Vec<",
        "fn f() -> ",
        "enum E { A, ",
        "<",
        "where ",
        "dyn A + ",
        "#[cfg(test)]",
    ];
    for piece in PIECES {
        let open = piece.repeat((1 << 20) / piece.len());
        let closed: String = open
            .chars()
            .rev()
            .filter_map(|c| match c {
                '(' => Some(')'),
                '[' => Some(']'),
                '{' => Some('}'),
                '<' => Some('>'),
                _ => None,
            })
            .collect();
        for start in ["", "fn f(a: "] {
            let end = if start.is_empty() { "" } else { ")" };
            let _source = Source::read(&format!("{start}{open}{closed}{end}"));
        }
    }
}
