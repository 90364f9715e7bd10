//! What the running cell has shown so far, for a page that comes to it late: one that was reloaded, or a second tab.

use serde_json::{Value, json};
use std::collections::VecDeque;

/// Text and figures beyond this many bytes are forgotten, the oldest first.
const LARGE: usize = 32 << 20;

/// One output.
#[derive(Debug)]
enum Output {
    /// What was printed on one of the two streams.
    Text { name: String, text: String },
    /// `msg_type`, `content` and its size.
    Message(String, Value, usize),
}

impl Output {
    fn size(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.len(),
            Self::Message(.., size) => *size,
        }
    }
}

/// The outputs of a cell, in their order.
#[derive(Debug, Default)]
pub struct Record {
    outputs: VecDeque<Output>,
    size: usize,
    /// The next output clears those before.
    clears: bool,
}

impl Record {
    /// A message of the cell's; `size` is that of its content in bytes.
    pub fn add(&mut self, kind: &str, content: &Value, size: usize) {
        match kind {
            "clear_output" => {
                self.clears = true;
                if content["wait"] != true {
                    *self = Self::default();
                }
            }
            "update_display_data" => self.update(content, size),
            _ => self.append(kind, content, size),
        }
    }

    fn update(&mut self, content: &Value, size: usize) {
        let id = &content["transient"]["display_id"];
        for output in &mut self.outputs {
            if let Output::Message(_, shown, before) = output
                && shown["transient"]["display_id"] == *id
            {
                self.size = self.size - *before + size;
                (*shown, *before) = (content.clone(), size);
            }
        }
    }

    fn append(&mut self, kind: &str, content: &Value, size: usize) {
        if self.clears {
            *self = Self::default();
        }
        let text = |field: &str| content[field].as_str().unwrap_or_default();
        match self.outputs.back_mut() {
            Some(Output::Text { name, text: before }) if kind == "stream" && name == text("name") => {
                before.push_str(text("text"));
                self.size += text("text").len();
            }
            _ => {
                let output = match kind {
                    "stream" => Output::Text { name: text("name").into(), text: text("text").into() },
                    _ => Output::Message(kind.into(), content.clone(), size),
                };
                self.size += output.size();
                self.outputs.push_back(output);
            }
        }
        while self.size > LARGE {
            self.forget();
        }
    }

    /// The oldest output, or the older half of it if there is no other.
    fn forget(&mut self) {
        if self.outputs.len() == 1
            && let Some(Output::Text { text, .. }) = self.outputs.front_mut()
        {
            let half = (text.len() / 2..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            self.size -= half;
            text.drain(..half);
        } else {
            self.size -= self.outputs.pop_front().map_or(self.size, |output| output.size());
        }
    }

    /// `msg_type` and `content` of each.
    pub fn outputs(&self) -> impl Iterator<Item = (String, Value)> {
        self.outputs.iter().map(|output| match output {
            Output::Text { name, text } => ("stream".into(), json!({"name": name, "text": text})),
            Output::Message(kind, content, _) => (kind.clone(), content.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(text: &str) -> Value {
        json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "panel"}})
    }

    fn add(record: &mut Record, kind: &str, content: &Value) {
        record.add(kind, content, content.to_string().len());
    }

    #[test]
    fn it_holds_what_a_page_would_show_now() {
        let mut record = Record::default();
        add(&mut record, "stream", &json!({"name": "stdout", "text": "a"}));
        add(&mut record, "display_data", &panel("1 %"));
        add(&mut record, "stream", &json!({"name": "stdout", "text": "b"}));
        add(&mut record, "stream", &json!({"name": "stdout", "text": "c"}));
        add(&mut record, "update_display_data", &panel("2 %"));
        assert_eq!(
            record.outputs().collect::<Vec<_>>(),
            [
                ("stream".into(), json!({"name": "stdout", "text": "a"})),
                ("display_data".into(), panel("2 %")),
                ("stream".into(), json!({"name": "stdout", "text": "bc"})),
            ]
        );
        add(&mut record, "clear_output", &json!({"wait": true}));
        assert_eq!(record.outputs().count(), 3, "until the next output");
        add(&mut record, "stream", &json!({"name": "stdout", "text": "d"}));
        assert_eq!(record.outputs().count(), 1);
        add(&mut record, "clear_output", &json!({"wait": false}));
        assert_eq!(record.outputs().count(), 0);
    }

    #[test]
    fn it_forgets_the_oldest() {
        let mut record = Record::default();
        add(&mut record, "display_data", &panel("first"));
        for _ in 0..40 {
            add(&mut record, "execute_result", &json!({"data": {"text/plain": "x".repeat(1 << 20)}}));
        }
        assert!(record.size <= LARGE);
        assert!(record.outputs().all(|(kind, _)| kind == "execute_result"));
        add(&mut record, "clear_output", &json!({"wait": false}));
        for i in 0..100 {
            add(&mut record, "stream", &json!({"name": "stdout", "text": format!("{i}ñ").repeat(1 << 18)}));
        }
        let (_, content) = record.outputs().next().unwrap();
        assert!(content["text"].as_str().unwrap().ends_with("99ñ") && record.size <= LARGE);
    }
}
