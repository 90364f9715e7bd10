//! What evcxr generates around a cell, changed so that its words don't go through the cell's standard output.
//!
//! The words are found as evcxr 0.22.0 writes them, whole lines in the generated parts of the source. All changes keep the
//! lines where they are, because evcxr maps the compiler's messages back to the cell by line; what is added stands at the end.

/// The functions that the changed lines call; each cell's library has them.
const MODULE: &str = include_str!("in_cell.rs");

/// Where the function with the cell's statements begins: items and evcxr's own code stand before it.
const FUNCTION: &str = "\n#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_";

/// What a generated line is replaced with.
struct Change {
    from: &'static str,
    to: &'static str,
}

/// Before the function.
const BEFORE: [Change; 4] = [
    Change {
        from: "\n                fn from(error: T) -> Self {\n",
        to: "\n                #[track_caller] fn from(error: T) -> Self {\n",
    },
    Change {
        from: "\n                    println!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);\n",
        to: "\n                    evcxr_live_cell::word(evcxr_internal_runtime::USER_ERROR_OCCURRED);\n",
    },
    Change {
        from: "\n            eprintln!(\"The type of the variable {name} was redefined, so was lost.\",);\n",
        to: "\n            crate::evcxr_live_cell::lost(name);\n",
    },
    Change {
        from: "\n            println!(\"{VARIABLE_CHANGED_TYPE}{name}\");\n",
        to: "\n            crate::evcxr_live_cell::word(&format!(\"{VARIABLE_CHANGED_TYPE}{name}\"));\n",
    },
];

/// In the function, after the cell's statements.
const AFTER: [Change; 2] = [
    Change { from: "\n  Err(_) => {\n", to: "\n  Err(panic) => {\n" },
    Change {
        from: "\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n",
        to: "\n    evcxr_live_cell::panicked(&*panic);\n",
    },
];
/// The same where a cell has no variables.
const CATCH: &str = "\nif std::panic::catch_unwind(||{\n";
const CAUGHT: &str = "\n}).is_err() {\n";

/// The source to compile in place of evcxr's; `None` if this is not the source of a cell that will run.
pub fn instrument(source: &str) -> Option<String> {
    let (before, after) = source.split_at(source.find(FUNCTION)?);
    let (mut before, mut after) = (before.to_owned(), after.to_owned());
    for change in &BEFORE {
        replace_last(&mut before, change.from, change.to);
    }
    for format in ["{}", "{:?}", "{:#?}"] {
        // {:#} also shows the causes of an error that has some.
        let alternate = if format == "{}" { "{:#}" } else { format };
        replace_last(
            &mut before,
            &format!("\n                    eprintln!(\"{format}\", error);\n"),
            &format!(
                "\n                    evcxr_live_cell::failed::<T>(&format!(\"{alternate}\", error), \
                 std::panic::Location::caller());\n"
            ),
        );
    }
    if after.contains(CAUGHT) && after.contains(CATCH) {
        replace_last(&mut after, CAUGHT, "\n}) {\n");
        let at = after.find(CATCH)?;
        after.replace_range(at..at + CATCH.len(), "\nif let Err(panic) = std::panic::catch_unwind(||{\n");
    }
    for change in &AFTER {
        replace_last(&mut after, change.from, change.to);
    }
    Some(format!("{before}{after}\n{MODULE}"))
}

/// The last one is evcxr's own: a cell's code that looks the same stands before it.
fn replace_last(text: &mut String, from: &str, to: &str) {
    if let Some(at) = text.rfind(from) {
        text.replace_range(at..at + from.len(), to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // What evcxr 0.22.0 generates, in short.
    const SOURCE: &str = r#"#![allow(unused_imports, unused_mut, dead_code)]

            struct EvcxrUserCodeError {}
            impl<T: std::fmt::Display> From<T> for EvcxrUserCodeError {
                fn from(error: T) -> Self {
                    eprintln!("{}", error);
                    println!("{}", evcxr_internal_runtime::USER_ERROR_OCCURRED);
                    EvcxrUserCodeError {}
                }
            }

mod evcxr_internal_runtime {
            eprintln!("The type of the variable {name} was redefined, so was lost.",);
            println!("{VARIABLE_CHANGED_TYPE}{name}");
}
#[unsafe(no_mangle)]
pub extern "C" fn run_user_code_3(
let _ = (|| -> std::result::Result<(), EvcxrUserCodeError> {
    println!("EVCXR_PANIC_NOTIFICATION");
Ok(())})();
})) { 
  Ok(_) => {}
  Err(_) => {
    println!("EVCXR_PANIC_NOTIFICATION");
}}
"#;

    #[test]
    fn evcxrs_words_leave_standard_output_and_lines_stay_where_they_are() {
        let changed = instrument(SOURCE).unwrap();
        let own = changed.split("mod evcxr_live_cell").next().unwrap();
        assert!(!own.contains("eprintln!("), "{own}");
        assert_eq!(own.matches("println!(").count(), 1, "the cell's own line stays: {own}");
        for (number, line) in SOURCE.lines().enumerate() {
            if !line.contains("println!") && !line.contains("Err(_)") && !line.contains("fn from") {
                assert_eq!(changed.lines().nth(number), Some(line));
            }
        }
    }

    #[test]
    fn code_that_is_only_analysed_stays_as_it_is() {
        assert_eq!(instrument("async fn evcxr_analysis_wrapper() {}"), None);
    }
}
