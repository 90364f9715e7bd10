//! What a cell's standard output holds beside text.
//!
//! - A marked line shows something while the cell runs: the character U+001E (record separator, which also starts JSON text
//!   sequences, RFC 7464), the word `evcxr_live`, a space, and a JSON object with `msg_type` and `content`.
//! - evcxr's own blocks hold a value in one MIME type.
//! - evcxr's own line asks the reader for input.

use serde_json::Value;

/// How a marked line starts.
pub const MARK: &str = "\u{1e}evcxr_live ";
const BEGIN: &str = "EVCXR_BEGIN_CONTENT ";
const END: &str = "\nEVCXR_END_CONTENT\n";
const ASK: &str = "EVCXR_INPUT_REQUEST";
const PASSWORD: &str = "_PASSWORD";

/// A piece of what a cell printed.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Text(String),
    /// `msg_type` and `content` of a marked line.
    Message(String, Value),
    /// One of evcxr's blocks: a MIME type, and the content.
    Rich(String, String),
    Ask {
        prompt: String,
        password: bool,
    },
}

/// Splits standard output, however it arrives in parts. A mark whose end is still to come is kept back.
#[derive(Debug, Default)]
pub struct Splitter {
    kept: String,
}

impl Splitter {
    pub fn push(&mut self, text: &str) -> Vec<Piece> {
        self.kept.push_str(text);
        let mut pieces = Vec::new();
        let mut at = 0; // up to here all is in `pieces`
        while let Some((start, end, piece)) = next(&self.kept[at..]) {
            add_text(&mut pieces, &self.kept[at..at + start]);
            match (piece, end) {
                (Some(piece), Some(end)) => {
                    pieces.push(piece);
                    at += end;
                }
                (None, Some(end)) => {
                    add_text(&mut pieces, &self.kept[at + start..at + end]);
                    at += end;
                }
                (_, None) => {
                    at += start;
                    break;
                }
            }
        }
        if next(&self.kept[at..]).is_none() {
            let end = at + possible_mark(&self.kept[at..]);
            add_text(&mut pieces, &self.kept[at..end]);
            at = end;
        }
        self.kept.drain(..at);
        pieces
    }

    /// Whether something is kept back that may become a mark: without more, it is text.
    pub fn is_waiting(&self) -> bool {
        !self.kept.is_empty()
    }

    /// What was kept back, as text: no more comes.
    pub fn finish(&mut self) -> Option<Piece> {
        let kept = std::mem::take(&mut self.kept);
        (!kept.is_empty()).then_some(Piece::Text(kept))
    }
}

fn add_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.into())),
    }
}

/// The first mark in `text`: where it starts, where it ends unless its end is still to come, and what it is; `None` for a mark
/// that is only text.
fn next(text: &str) -> Option<(usize, Option<usize>, Option<Piece>)> {
    let found = [MARK, BEGIN, ASK].into_iter().filter_map(|mark| text.find(mark).map(|at| (at, mark)));
    let (start, mark) = found.min_by_key(|(at, _)| *at)?;
    let rest = &text[start + mark.len()..];
    let Some(line_end) = rest.find('\n') else { return Some((start, None, None)) };
    let line = &rest[..line_end];
    let after_line = start + mark.len() + line_end + 1;
    if mark == MARK {
        let piece = message(line.trim_end()).map(|(kind, content)| Piece::Message(kind, content));
        return Some((start, Some(after_line), piece));
    }
    if mark == ASK {
        let own_line = start == 0 || text[..start].ends_with('\n');
        let (password, prompt) = match line.strip_prefix(PASSWORD) {
            Some(rest) => (true, rest.strip_prefix(':')),
            None => (false, line.strip_prefix(':')),
        };
        let piece = prompt.filter(|_| own_line).map(|prompt| Piece::Ask { prompt: prompt.into(), password });
        return Some((start, Some(after_line), piece));
    }
    let mime = line.split_whitespace().next().unwrap_or_default();
    if mime.is_empty() {
        return Some((start, Some(after_line), None));
    }
    // An empty block ends with the line after the first.
    let from = after_line - 1;
    let Some(length) = text[from..].find(END) else { return Some((start, None, None)) };
    let content = text[from..from + length].strip_prefix('\n').unwrap_or_default();
    Some((start, Some(from + length + END.len()), Some(Piece::Rich(mime.into(), content.into()))))
}

/// How much of `text`, which holds no mark, is surely none: its last characters may be the beginning of one.
fn possible_mark(text: &str) -> usize {
    let is_begun = |mark: &str| {
        let lengths = (1..mark.len()).rev().filter(|length| text.ends_with(&mark[..*length]));
        lengths.max().unwrap_or_default()
    };
    text.len() - [MARK, BEGIN, ASK].into_iter().map(is_begun).max().unwrap_or_default()
}

/// The `msg_type` of a marked line whose `text` is kept, and shown if the process ends: where the work can be found.
pub const IF_LOST: &str = "if_lost";

/// The message in a marked line, if it is one.
fn message(json: &str) -> Option<(String, Value)> {
    let mut message: Value = serde_json::from_str(json).ok()?;
    let kind = message.get("msg_type")?.as_str()?.to_owned();
    let mut content = message.get_mut("content")?.take();
    let fields = content.as_object_mut()?;
    match kind.as_str() {
        "clear_output" => {
            fields.entry("wait").or_insert(false.into()).as_bool()?;
        }
        "display_data" | "update_display_data" => {
            fields.get("data")?.as_object()?;
            fields.entry("metadata").or_insert_with(|| Value::Object(Default::default())).as_object()?;
            let transient = fields.entry("transient").or_insert_with(|| Value::Object(Default::default()));
            let id = transient.as_object()?.get("display_id");
            if id.is_some_and(|id| !id.is_string()) || (id.is_none() && kind == "update_display_data") {
                return None;
            }
        }
        // See kernel/README.md: what to say if the process ends and its variables are lost.
        IF_LOST => drop(fields.get("text")?.as_str()?),
        _ => return None,
    }
    Some((kind, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(message: &Value) -> String {
        format!("{MARK}{message}\n")
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn pieces(text: &str) -> Vec<Piece> {
        let mut splitter = Splitter::default();
        let mut pieces = splitter.push(text);
        pieces.extend(splitter.finish());
        pieces
    }

    #[test]
    fn messages_and_text_keep_their_order() {
        let shown = json!({"msg_type": "display_data", "content": {"data": {"text/plain": "línea\n2"}}});
        let printed = format!("one\n{}two\nhalf{}three\n", line(&shown), line(&shown));
        let content = json!({"data": {"text/plain": "línea\n2"}, "metadata": {}, "transient": {}});
        let message = || Piece::Message("display_data".into(), content.clone());
        assert_eq!(pieces(&printed), [text("one\n"), message(), text("two\nhalf"), message(), text("three\n")]);
    }

    #[test]
    fn however_it_is_cut_the_pieces_are_the_same() {
        let shown = line(&json!({"msg_type": "clear_output", "content": {}}));
        let printed = format!("a\u{1e}b{shown}EVCXR_BEGIN_CONTENT text/html\n<b>\n</b>\nEVCXR_END_CONTENT\nEVCXR\nend");
        let whole = pieces(&printed);
        assert_eq!(whole.len(), 4, "{whole:?}");
        assert_eq!(whole[2], Piece::Rich("text/html".into(), "<b>\n</b>".into()));
        for cut in (1..printed.len()).filter(|cut| printed.is_char_boundary(*cut)) {
            let mut splitter = Splitter::default();
            let mut found: Vec<Piece> = Vec::new();
            let parts = [splitter.push(&printed[..cut]), splitter.push(&printed[cut..])];
            for piece in parts.into_iter().flatten().chain(splitter.finish()) {
                match (found.last_mut(), piece) {
                    (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
                    (_, piece) => found.push(piece),
                }
            }
            assert_eq!(found, whole, "cut at {cut}");
        }
    }

    #[test]
    fn text_that_is_no_mark_comes_at_once() {
        let mut splitter = Splitter::default();
        assert_eq!(splitter.push("hola"), [text("hola")]);
        assert_eq!(splitter.push("EVCXR_"), [], "it may become one");
        assert_eq!(splitter.push("x"), [text("EVCXR_x")]);
        assert_eq!(splitter.push("EVCXR_EXECUTION_COMPLETE\n"), [text("EVCXR_EXECUTION_COMPLETE\n")]);
    }

    #[test]
    fn questions() {
        let ask = |prompt: &str, password| Piece::Ask { prompt: prompt.into(), password };
        assert_eq!(pieces("EVCXR_INPUT_REQUEST:name: first?\n"), [ask("name: first?", false)]);
        assert_eq!(pieces("EVCXR_INPUT_REQUEST_PASSWORD:key\n"), [ask("key", true)]);
        assert_eq!(pieces("an EVCXR_INPUT_REQUEST:x\n"), [text("an EVCXR_INPUT_REQUEST:x\n")]);
    }

    #[test]
    fn blocks_of_evcxr() {
        let rich = |content: &str| Piece::Rich("text/plain".into(), content.into());
        let block = |content: &str| format!("EVCXR_BEGIN_CONTENT text/plain\n{content}\nEVCXR_END_CONTENT\n");
        assert_eq!(pieces(&format!("half{}", block("42"))), [text("half"), rich("42")]);
        assert_eq!(pieces(&block("")), [rich("")]);
        assert_eq!(pieces("EVCXR_BEGIN_CONTENT text/plain\nEVCXR_END_CONTENT\n"), [rich("")]);
        let endless = "EVCXR_BEGIN_CONTENT text/plain\nno end\n";
        assert_eq!(pieces(endless), [text(endless)]);
    }

    #[test]
    fn updates_carry_their_display_id() {
        let content = json!({"data": {}, "metadata": {}, "transient": {"display_id": "panel"}});
        let update = json!({"msg_type": "update_display_data", "content": content});
        assert_eq!(pieces(&line(&update)), [Piece::Message("update_display_data".into(), content)]);
    }

    #[test]
    fn clear_output_waits_only_if_asked() {
        let printed = line(&json!({"msg_type": "clear_output", "content": {}}));
        assert_eq!(pieces(&printed), [Piece::Message("clear_output".into(), json!({"wait": false}))]);
    }

    #[test]
    fn what_is_not_valid_stays_text() {
        for wrong in [
            "not json".to_owned(),
            json!({"msg_type": "status", "content": {"execution_state": "idle"}}).to_string(),
            json!({"msg_type": "display_data", "content": {"data": "text"}}).to_string(),
            json!({"msg_type": "display_data", "content": {"data": {}, "transient": {"display_id": 3}}}).to_string(),
            json!({"msg_type": "update_display_data", "content": {"data": {}}}).to_string(),
            json!({"msg_type": "clear_output", "content": {"wait": "yes"}}).to_string(),
            json!({"msg_type": "if_lost", "content": {}}).to_string(),
            json!({"msg_type": "display_data"}).to_string(),
        ] {
            let printed = format!("before{MARK}{wrong}\nafter\n");
            assert_eq!(pieces(&printed), [text(&printed)], "{wrong}");
        }
    }
}
