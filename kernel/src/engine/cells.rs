//! Running a cell with evcxr: made ready, with the values whose types it changes out of the way, and with earlier code that no
//! longer fits making room.

use super::{Failure, Outcome, Told, report};
use crate::{
    message::mime_content,
    source::{Known, Prepared, STASH, prepare, prepare_without_stale},
};
use evcxr::{CommandContext, CompilationError, Error, EvalOutputs};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often earlier code may make room for one cell.
const ROUNDS: usize = 4;

/// What the cells that have run so far have left behind.
#[derive(Default)]
pub struct Cells {
    known: Known,
}

impl Cells {
    /// Runs the cell `code`; messages call it `name`.
    pub fn execute(&mut self, context: &mut CommandContext, code: &str, name: &str, tell: &dyn Fn(Told)) -> Outcome {
        self.known.variables = variables(context).into_iter().collect();
        let mut prepared = prepare(code, &self.known);
        note(&prepared.notes, tell);
        let stash = prepared.stash.clone();
        if let Some(stash) = &stash {
            let _ = run(context, &stash.put); // if it fails, the cell says why
        }
        let mut result = run(context, &prepared.code);
        let mut broken = Vec::new();
        for _ in 0..ROUNDS {
            let Err(Error::CompilationErrors(errors)) = &result else { break };
            if errors.iter().any(is_in_the_cell) {
                break;
            }
            broken.extend(errors.iter().flat_map(lines_of));
            let lines: Vec<&str> = broken.iter().map(String::as_str).collect();
            let Some(without) = prepare_without_stale(code, &self.known, &lines) else { break };
            prepared = without;
            result = run(context, &prepared.code);
        }
        if let Some(stash) = &stash {
            let _ = run(context, if result.is_ok() { &stash.discard } else { &stash.restore });
        }
        let succeeded = result.is_ok();
        let mut outcome = outcome(result, code, name, &prepared, tell);
        if succeeded {
            note(&prepared.consequences, tell);
            outcome.redefined = prepared.redefined;
            self.known.commit(prepared.changes);
        }
        outcome.variables = Some(variables(context));
        outcome
    }
}

fn variables(context: &CommandContext) -> Vec<(String, String)> {
    let all = context.variables_and_types().filter(|(name, _)| *name != STASH);
    all.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

fn note(notes: &[String], tell: &dyn Fn(Told)) {
    for note in notes {
        tell(Told::Printed { name: "stderr".into(), text: format!("note: {note}\n") });
    }
}

fn run(context: &mut CommandContext, code: &str) -> Result<EvalOutputs, Error> {
    catch_unwind(AssertUnwindSafe(|| context.execute(code))).unwrap_or_else(|_| {
        let text = "evcxr itself has failed on this cell (its message is in Jupyter's log). Write it another way, for \
                    example in smaller steps; if other cells fail as well, restart the kernel.";
        Err(Error::Message(text.into()))
    })
}

fn is_in_the_cell(error: &CompilationError) -> bool {
    error.level() == "error" && error.spanned_messages().iter().any(|message| message.span.is_some())
}

/// The lines of earlier code at which the compiler stumbled.
fn lines_of(error: &CompilationError) -> Vec<String> {
    let spans = error.json["spans"].as_array().into_iter().flatten();
    spans.filter_map(|span| span["text"][0]["text"].as_str().map(str::to_owned)).collect()
}

fn outcome(
    result: Result<EvalOutputs, Error>,
    code: &str,
    name: &str,
    prepared: &Prepared,
    tell: &dyn Fn(Told),
) -> Outcome {
    let mut outcome = Outcome::default();
    match result {
        Ok(outputs) => {
            if !outputs.content_by_mime_type.is_empty() {
                let contents = outputs.content_by_mime_type.into_iter();
                let contents = contents.map(|(mime, text)| (mime.clone(), mime_content(&mime, text)));
                tell(Told::Value(Value::Object(contents.collect())));
            }
            if let Some(time) = outputs.timing {
                tell(Told::Value(json!({"text/plain": format!("Took {} ms", time.as_millis())})));
            }
        }
        Err(Error::CompilationErrors(errors)) => {
            // Warnings come along with errors; alone they would be no reason to fail.
            let is_error = |error: &&CompilationError| matches!(error.level(), "error" | "");
            let any = errors.iter().any(|error| is_error(&error));
            let original = |(line, column)| prepared.original(line, column);
            let failure = |error| report::failure(error, code, name, &original);
            outcome.failures = errors.iter().filter(|error| !any || is_error(error)).map(failure).collect();
            for failure in &mut outcome.failures {
                let is_missed = |lost: &&String| failure.text.contains(&format!("cannot find value `{lost}`"));
                if let Some(lost) = prepared.redefined.iter().find(is_missed) {
                    let help =
                        format!("help: this cell defines the type of `{lost}` anew, so it can't use the old value");
                    failure.traceback.push(help);
                }
            }
        }
        Err(Error::SubprocessTerminated(how)) => outcome.process_ended = Some(how),
        Err(error) => outcome.failures = vec![Failure::new("Error", error.to_string())],
    }
    outcome
}
