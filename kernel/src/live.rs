//! Marked lines: how a cell's program shows something while it runs.
//!
//! A marked line is the character U+001E (record separator, which also starts JSON text sequences, RFC 7464), the word
//! `evcxr_live`, a space, and a JSON object with the `msg_type` and `content` of one of Jupyter's display messages.

use serde_json::Value;

/// How a marked line starts.
pub const MARK: &str = "\u{1e}evcxr_live ";

/// A piece of what a cell printed.
#[derive(Debug, PartialEq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// `msg_type` and `content`.
    Message(String, Value),
}

/// Splits whole lines of standard output. A marked line that is not a valid message stays text; so does text before the
/// mark on the same line.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0; // of the text that is not yet in `pieces`
    for (at, _) in text.match_indices(MARK) {
        let json = &text[at + MARK.len()..];
        let end = json.find('\n').map_or(text.len(), |length| at + MARK.len() + length + 1);
        if let Some((kind, content)) = message(text[at + MARK.len()..end].trim_end()) {
            if start < at {
                pieces.push(Piece::Text(&text[start..at]));
            }
            pieces.push(Piece::Message(kind, content));
            start = end;
        }
    }
    if start < text.len() {
        pieces.push(Piece::Text(&text[start..]));
    }
    pieces
}

/// The message in a marked line, if a display can show it.
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

    #[test]
    fn messages_and_text_keep_their_order() {
        let shown = json!({"msg_type": "display_data", "content": {"data": {"text/plain": "línea\n2"}}});
        let text = format!("one\n{}two\nhalf{}three\n", line(&shown), line(&shown));
        let content = json!({"data": {"text/plain": "línea\n2"}, "metadata": {}, "transient": {}});
        let message = || Piece::Message("display_data".into(), content.clone());
        let expected = [Piece::Text("one\n"), message(), Piece::Text("two\nhalf"), message(), Piece::Text("three\n")];
        assert_eq!(pieces(&text), expected);
    }

    #[test]
    fn updates_carry_their_display_id() {
        let content = json!({"data": {}, "metadata": {}, "transient": {"display_id": "panel"}});
        let update = json!({"msg_type": "update_display_data", "content": content});
        assert_eq!(pieces(&line(&update)), [Piece::Message("update_display_data".into(), content)]);
    }

    #[test]
    fn clear_output_waits_only_if_asked() {
        let text = line(&json!({"msg_type": "clear_output", "content": {}}));
        assert_eq!(pieces(&text), [Piece::Message("clear_output".into(), json!({"wait": false}))]);
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
            json!({"msg_type": "display_data"}).to_string(),
        ] {
            let text = format!("before{MARK}{wrong}\nafter\n");
            assert_eq!(pieces(&text), [Piece::Text(&text)], "{wrong}");
        }
    }
}
