//! What evcxr gets, for whole cells.

use super::*;

fn code(cell: &str) -> String {
    prepare(cell, &Known::default()).code
}

/// What is known after `cells`, with `variables`.
fn after(cells: &[&str], variables: &[(&str, &str)]) -> Known {
    let mut known = Known::default();
    for cell in cells {
        let prepared = prepare(cell, &known);
        known.commit(prepared.changes);
    }
    known.variables = variables.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
    known
}

#[test]
fn ordinary_cells_stay_as_they_are() {
    for cell in [
        "",
        "\n",
        "1 + 1",
        "// a\n:dep rand\n\nuse rand::Rng;\nlet a = 1;\na",
        "struct A;\nfn b() {}\n{ impl A {} }",
        "let x = (",
        ":vars",
        "!ls",
    ] {
        let prepared = prepare(cell, &Known::default());
        assert_eq!(prepared.code, cell);
        assert!(prepared.edits.is_empty() && prepared.notes.is_empty() && prepared.stash.is_none());
    }
}

#[test]
fn docs_in_the_first_column_are_kept() {
    assert_eq!(code(":vars\n/// docs\nfn a() {}"), ":vars\n /// docs\nfn a() {}");
    assert_eq!(code("/// a\n// b\n/// c\nstruct A;"), " /// a\n// b\n/// c\nstruct A;");
    assert_eq!(code("/// no item\n1 + 1"), "/// no item\n1 + 1");
}

#[test]
fn the_last_semicolon_is_put_in_its_place() {
    assert_eq!(code(":vars\nlet x = 1 // one\n"), ":vars\nlet x = 1; // one\n");
}

#[test]
fn a_macro_can_be_used_by_any_item() {
    assert_eq!(
        code("/// docs\nmacro_rules! m {\n}\nlet a = m!()"),
        " mod EVCXR_LIVE_macro_m { /// docs\nmacro_rules! m {\n} pub(crate) use m; } use EVCXR_LIVE_macro_m::m;\nlet a = m!();"
    );
    assert_eq!(code("macro_rules! m { } )"), "macro_rules! m { } )", "a mistake stays where it is");
}

#[test]
fn each_block_has_a_name_and_its_place_is_known() {
    let prepared = prepare("struct A;\n  impl A { fn a() {} }\nimpl Clone for A {}", &Known::default());
    assert_eq!(
        prepared.code,
        "struct A;\n  const EVCXR_LIVE_0: () = (); impl A { fn a() {} }\nconst EVCXR_LIVE_1: () = (); impl Clone for A {}"
    );
    let line = prepared.code.lines().nth(1).unwrap();
    let place = |word: &str| prepared.original(2, line.find(word).unwrap() + 1);
    assert_eq!([place("impl"), place("fn"), place("EVCXR")], [(2, 3), (2, 12), (2, 3)]);
    assert_eq!(prepared.original(1, 8), (1, 8));
}

#[test]
fn earlier_blocks_go_before_the_first_statement() {
    let known = after(&["struct A;", "impl A { fn a() {} }", "impl A { fn b() {} }"], &[]);
    let prepared = prepare("// c\n#![allow(x)]\nlet d = 1;\nimpl A { fn a() {} fn b() {} }", &known);
    assert_eq!(
        prepared.code,
        "// c\n#![allow(x)]\nconst EVCXR_LIVE_1: () = (); let d = 1;\nconst EVCXR_LIVE_0: () = (); impl A { fn a() {} fn b() {} }"
    );
    // A cell that failed is not committed, and changes nothing.
    assert_eq!(prepare("impl A { fn b() {} }", &known).code, "const EVCXR_LIVE_1: () = (); impl A { fn b() {} }");
    let known = after(&["impl A { fn a() {} }", ":clear\nimpl B {}"], &[]);
    assert_eq!(prepare("impl A { fn a() {} }", &known).code, "const EVCXR_LIVE_2: () = (); impl A { fn a() {} }");
}

#[test]
fn variables_of_a_changed_type_are_dropped_before_the_cell() {
    let known = after(&["struct P { x: i32 }"], &[("p", "P"), ("q", "Vec<P>"), ("n", "i32")]);
    let prepared = prepare("struct P { x: i64 }\nlet p = P { x: 1 };", &known);
    assert_eq!(prepared.redefined, ["q"]);
    assert!(
        prepared
            .stash
            .is_some_and(|stash| stash.put.contains("vec![std::boxed::Box::new(p), std::boxed::Box::new(q)]"))
    );
    assert_eq!(prepared.consequences.len(), 1);
    assert!(prepare("struct P {\n    x: i32\n}", &known).stash.is_none());
    let known = after(&["struct P { x: i32 }", "use geo::P;"], &[("p", "P")]);
    assert!(prepare("struct P { x: i64 }", &known).stash.is_none(), "`p` is of the other type");
}

#[test]
fn code_of_earlier_cells_can_make_room() {
    let known = after(&["struct P { x: i32 }", "fn f(p: &P) { p.x; }", "impl Clone for P {}"], &[]);
    let prepared = prepare_without_stale("struct P { y: i32 }", &known, &[]).unwrap();
    assert_eq!(prepared.code, "const EVCXR_LIVE_0: () = (); mod f {} struct P { y: i32 }");
    assert_eq!(
        prepared.consequences,
        [
            "`f` and `impl Clone for P` do not fit the new `P`: they were removed; correct their cells if need be, and run them again."
        ]
    );
    let only_f = prepare_without_stale("struct P { y: i32 }", &known, &["fn f(p: &P) { p.x; }"]).unwrap();
    assert_eq!(only_f.code, "mod f {} struct P { y: i32 }");
    let twice = after(&["struct P;", "impl P { fn a() {} }", "impl Drop for P {}", "impl P { fn b() {} }"], &[]);
    let note = prepare_without_stale("struct P(u8);", &twice, &[]).unwrap().consequences.remove(0);
    assert!(note.starts_with("`impl Drop for P` and `impl P` do not fit"), "{note}");
    let mut later = known.clone();
    later.commit(prepared.changes);
    assert!(prepare_without_stale("struct P { z: i32 }", &later, &[]).is_none(), "they are gone");
    assert!(prepare_without_stale("struct P { x: i32 }", &known, &[]).is_none(), "nothing changes");
}

#[test]
fn notes_are_gathered() {
    let notes = prepare("static mut N: u8 = 1;\nfn main() {}\n:vars", &Known::default()).notes;
    assert_eq!(notes.len(), 3, "{notes:?}");
}

#[test]
fn the_count_of_lines_never_changes() {
    for cell in ["\u{feff}#!/a\r\n\t// b\r\n:dep c\r\n/// d\r\nimpl E {}\r\nlet x = 1", "/* a\n*/\n:vars\n\n"] {
        let known = after(&["impl E { fn f() {} }"], &[]);
        assert_eq!(prepare(cell, &known).code.split('\n').count(), cell.split('\n').count());
    }
}
