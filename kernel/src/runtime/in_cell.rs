#[allow(dead_code, unsafe_code)]
mod evcxr_live_cell {
    type Note = extern "C" fn(u32, *const u8, usize);
    static NOTE: std::sync::OnceLock<Note> = std::sync::OnceLock::new();
    fn note(kind: u32, text: &str) {
        if let Some(note) = NOTE.get() {
            return note(kind, text.as_ptr(), text.len());
        }
        // An evcxr_jupyter runs this: its words, as it would have them.
        let part = |number| text.split('\u{1f}').nth(number).unwrap_or_default();
        match kind {
            0 => println!("{}", part(0)),
            2 => eprintln!("{}", part(1)),
            3 => eprintln!("The type of the variable {text} was redefined, so was lost."),
            _ => {}
        }
    }
    pub fn word(text: &str) {
        note(0, text);
    }
    pub fn lost(variable: &str) {
        note(3, variable);
    }
    pub fn failed<T>(text: &str, place: &std::panic::Location) {
        note(2, &format!("{}\u{1f}{text}\u{1f}{}:{}", std::any::type_name::<T>(), place.line(), place.column()));
    }
    fn message(payload: &(dyn std::any::Any + Send)) -> &str {
        let text = payload.downcast_ref::<&'static str>().copied();
        text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a value that is not text")
    }
    pub fn panicked(payload: &(dyn std::any::Any + Send)) {
        note(0, &format!("EVCXR_PANIC_NOTIFICATION\u{1f}{}", message(payload)));
    }
    #[unsafe(no_mangle)]
    pub extern "C" fn evcxr_live_connect(note_: Note, first: bool) {
        let _ = NOTE.set(note_);
        if first {
            std::panic::set_hook(Box::new(|panic| {
                let place = panic.location().map(|place| format!("{}:{}", place.line(), place.column()));
                let place = place.filter(|_| panic.location().is_some_and(|place| place.file().ends_with("src/lib.rs")));
                note(1, &format!("{}\u{1f}{}", message(panic.payload()), place.unwrap_or_default()));
            }));
        }
    }
    #[unsafe(no_mangle)]
    pub extern "C" fn evcxr_live_flush() {
        let _ = std::io::Write::flush(&mut std::io::stdout());
    }
}
