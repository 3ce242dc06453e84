//! What the reader takes, and every trap that ends the run.

use super::*;
use crate::draw::Draw;

/// The headers of a source's prelude, in order.
#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let prelude = Prelude::read(source.as_bytes());
    let found: Vec<&str> = prelude.0.iter().map(|include| include.header).collect();
    assert_eq!(found, expected, "{source:?}");
}

#[test]
fn includes_comments_and_blank_lines_are_taken() {
    check("", &[]);
    check("\n\n  \t\x0b\x0c\n", &[]);
    check("#include <vector>\n#include <string>\nint a;\n", &["vector", "string"]);
    check("// one\n/* two\n * three */\n#include <map>\n// four\n", &["map"]);
    check("#include<set>\n #include <map>\n#  include\t<list>\t\n", &["set", "map", "list"]);
    check("#include <vector> // why\n#include <string> /* why */ // so\n", &["vector", "string"]);
    check("/* a */ #include <vector>\n/* b\n */ #include <string>\n", &["vector", "string"]);
    check("#include <bits/stdc++.h>\nusing namespace std;\n", &["bits/stdc++.h"]);
    check("#include <stdio.h>", &["stdio.h"]);
    check("/** \\brief a\\b */ // c:\\d e\n#include <map>\n", &["map"]);
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_taken() {
    check(
        "\u{feff}#include <map>\r\n\r\n// a\r\n/* b\r\n*/\r\n#include <set>\r\n",
        &["map", "set"],
    );
    check("\u{feff}\u{feff}#include <map>\n", &[]);
    check("\n\u{feff}#include <map>\n", &[]);
    check("#include <map>\r#include <set>\n", &[]);
    check("// a\r#include <map>\n#include <set>\n", &[]);
    check("#include <list>\n/* a\rb */\n#include <set>\n", &["list"]);
}

#[test]
fn a_header_that_comes_again_counts_once() {
    check("#include <map>\n#include <set>\n#include <map>\n", &["map", "set"]);
}

#[test]
fn whatever_else_stands_there_ends_the_run() {
    for odd in [
        "#define _GLIBCXX_DEBUG\n",
        "#define X // \n",
        "#undef NULL\n",
        "#pragma once\n",
        "#pragma GCC optimize(\"O1\")\n",
        "#if 1\n",
        "#ifdef X\n#endif\n",
        "#ifndef X\n",
        "#line 7\n",
        "#error no\n",
        "#import <set>\n",
        "#include_next <set>\n",
        "#include \"set\"\n",
        "#include SET\n",
        "#include <set> extra\n",
        "#include <set>> \n",
        "#include < set>\n",
        "#include <set >\n",
        "#include <set\n>\n",
        "#include <nowhere>\n",
        "#include <saggar.h>\n",
        "#include <unistd.h>\n",
        "#include <../include/set>\n",
        "#include <SET>\n",
        "#INCLUDE <set>\n",
        "#include /**/ <set>\n",
        "#/**/include <set>\n",
        "#include\x0c<set>\n",
        "#include <set>\x0c\n",
        "#include <set>\0\n",
        "#include <set> /* it goes\n on */\n",
        "#include <set> /* it goes\n on */ int a;\n",
        "#include <set> /* without an end\n",
        "#include <set> // it goes on \\\nint a;\n",
        "#include \\\n<set>\n",
        "#inc\\\nlude <set>\n",
        "#include <s\\\net>\n",
        "%:include <set>\n",
        "??=include <set>\n",
        "import <set>;\n",
        "module;\n",
        "# 1 \"a\"\n",
        "#\n",
        ";\n",
        "_Pragma(\"once\")\n",
        "extern \"C\" {\n",
        "R\"(\n#include <set>\n)\"\n",
        "\0\n",
        "\u{a0}\n",
        "// a \\\n",
        "// a \\ \t\n",
        "// a ??/\n",
        "// what??\n",
        "/* a *\\\n/ int a; /* */\n",
        "/* a ??/\n */\n",
        "/* \0 */\n",
        "/\\\n* a */\n",
        "/\\\n/ a\n",
        "/* without an end\n",
        "/",
        "int a;\n",
    ] {
        check(&format!("#include <map>\n{odd}#include <set>\n"), &["map"]);
        check(&format!("{odd}#include <set>\n"), &[]);
    }
    check("#include <map>\n// no end of line \\", &["map"]);
    check("#include <map> // no end of line \\", &[]);
}

#[test]
fn the_text_leads_back_to_the_source() {
    let prelude = Prelude::read(b"// a\n  #  include <set>\n#include<map>\n#include <set>\n");
    assert_eq!(prelude.text(), "#include <set>\n#include <map>\n");
    // gcc points at the bracket; without a column it says -1.
    assert_eq!(prelude.place(1, 10), Some((2, 14)));
    assert_eq!(prelude.place(2, 10), Some((3, 9)));
    assert_eq!(prelude.place(2, 11), Some((3, 10)));
    assert_eq!(prelude.place(2, -1), Some((3, -1)));
    assert_eq!(prelude.place(0, 1), None);
    assert_eq!(prelude.place(3, 1), None);
    let after = Prelude::read(b"\xef\xbb\xbf/* a\nb */ #include <set>\n");
    assert_eq!(after.place(1, 10), Some((2, 15)));
}

#[test]
fn what_is_no_utf8_is_no_trouble() {
    let prelude =
        Prelude::read(b"// caf\xe9\n/* \xff\xfe */\n#include <map>\n\xff\n#include <set>\n");
    assert_eq!(prelude.text(), "#include <map>\n");
}

#[test]
fn each_name_is_there_once_and_plain() {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_/.+".contains(c);
    for (at, name) in STANDARD.iter().enumerate() {
        assert!(name.chars().all(plain) && !STANDARD[..at].contains(name), "{name}");
    }
}

/// Quadratic, any of these would run for minutes.
#[test]
fn hostile_texts_of_a_mebibyte_are_read_in_linear_time() {
    for piece in ["#include <map>\n", "/**/", "// \\ a\n", "\\ ", "/* \\\t", "\n", "/* ", "// ?\n"]
    {
        let text = piece.repeat((1 << 20) / piece.len());
        let _prelude = Prelude::read(text.as_bytes());
        let _prelude = Prelude::read(format!("/*{text}*/").as_bytes());
        let _prelude = Prelude::read(format!("//{}\n", text.replace('\n', " ")).as_bytes());
    }
}

/// Random texts from pieces that open what they do not close. A generator of our own, so that
/// every run tries the same texts.
#[test]
fn no_text_makes_it_panic_and_what_it_finds_stands_in_the_text() {
    const PIECES: [&str; 20] = [
        "#include <map>\n",
        "#include",
        "<set>",
        "#",
        " ",
        "\n",
        "\r\n",
        "\r",
        "/*",
        "*/",
        "//",
        "\\",
        "\\\n",
        "\t",
        "<",
        ">",
        "??/",
        "é",
        "\u{feff}",
        "#define A\n",
    ];
    let mut draw = Draw::new();
    for _ in 0..20_000 {
        let text = draw.some(&PIECES, 12, "");
        let prelude = Prelude::read(text.as_bytes());
        for include in &prelude.0 {
            let line = text.split('\n').nth(include.line as usize - 1).unwrap();
            let line = if include.line == 1 { line.trim_start_matches('\u{feff}') } else { line };
            assert!(line[include.column as usize - 1..].starts_with('<'), "{text:?}");
        }
    }
}
