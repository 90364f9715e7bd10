//! Which processor this is.

/// Its model's name, as Linux tells it; elsewhere its kind alone.
pub(crate) fn model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    named_in(&text).unwrap_or(std::env::consts::ARCH).into()
}

fn named_in(text: &str) -> Option<&str> {
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn it_is_the_first_model_name() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nprocessor\t: 1\nmodel name\t: Other\n";
        assert_eq!(named_in(text), Some("Some CPU @ 2.00GHz"));
        assert_eq!(["", "model name\t:\n", "Hardware: x"].map(named_in), [None; 3]);
    }
}
