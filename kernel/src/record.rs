//! What the running cell has shown so far, for a page that comes to it late: one that was reloaded, or a second tab.

use serde_json::{Value, json};
use std::collections::VecDeque;

/// Text and figures beyond this many bytes are forgotten, the oldest first.
const LARGE: usize = 32 << 20;

/// The outputs of a cell: `msg_type` and `content` of each.
#[derive(Debug, Default)]
pub struct Record {
    outputs: VecDeque<(String, Value, usize)>,
    size: usize,
    /// The next output clears those before.
    clears: bool,
}

impl Record {
    pub fn add(&mut self, kind: &str, content: &Value) {
        if kind == "clear_output" {
            self.clears = true;
            if content["wait"] != true {
                self.clear();
            }
            return;
        }
        if kind == "update_display_data" {
            let id = &content["transient"]["display_id"];
            let same = self.outputs.iter_mut().find(|(_, shown, _)| shown["transient"]["display_id"] == *id);
            if let Some((_, shown, size)) = same {
                self.size -= *size;
                *shown = content.clone();
                *size = content.to_string().len();
                self.size += *size;
            }
            return;
        }
        if self.clears {
            self.clear();
        }
        let size = content.to_string().len();
        self.size += size;
        match self.outputs.back_mut() {
            Some((last, text, before)) if kind == "stream" && last == kind && text["name"] == content["name"] => {
                let more = content["text"].as_str().unwrap_or_default();
                text["text"] = json!(text["text"].as_str().unwrap_or_default().to_owned() + more);
                *before += size;
            }
            _ => self.outputs.push_back((kind.into(), content.clone(), size)),
        }
        while self.size > LARGE && self.outputs.len() > 1 {
            let forgotten = self.outputs.pop_front().map_or(0, |(.., size)| size);
            self.size -= forgotten;
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.outputs.iter().map(|(kind, content, _)| (kind.as_str(), content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(text: &str) -> Value {
        json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "panel"}})
    }

    #[test]
    fn it_holds_what_a_page_would_show_now() {
        let mut record = Record::default();
        record.add("stream", &json!({"name": "stdout", "text": "a"}));
        record.add("display_data", &panel("1 %"));
        record.add("stream", &json!({"name": "stdout", "text": "b"}));
        record.add("stream", &json!({"name": "stdout", "text": "c"}));
        record.add("update_display_data", &panel("2 %"));
        let outputs: Vec<_> = record.outputs().map(|(kind, content)| (kind.to_owned(), content.clone())).collect();
        assert_eq!(outputs, [
            ("stream".into(), json!({"name": "stdout", "text": "a"})),
            ("display_data".into(), panel("2 %")),
            ("stream".into(), json!({"name": "stdout", "text": "bc"})),
        ]);
        record.add("clear_output", &json!({"wait": true}));
        assert_eq!(record.outputs().count(), 3, "until the next output");
        record.add("stream", &json!({"name": "stdout", "text": "d"}));
        assert_eq!(record.outputs().count(), 1);
        record.add("clear_output", &json!({"wait": false}));
        assert_eq!(record.outputs().count(), 0);
    }

    #[test]
    fn it_forgets_the_oldest() {
        let mut record = Record::default();
        record.add("display_data", &panel("first"));
        for _ in 0..40 {
            record.add("execute_result", &json!({"data": {"text/plain": "x".repeat(1 << 20)}}));
        }
        assert!(record.size <= LARGE);
        assert!(record.outputs().all(|(kind, _)| kind == "execute_result"));
    }
}
