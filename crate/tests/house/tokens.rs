//! Rust's words and signs, without comments and without what only tests compile.

/// A word, a sign (`::` is one), or a string or character with its quotes gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    Sign(&'static str),
    Text(String),
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        match self {
            Self::Word(word) => word == text,
            Self::Sign(sign) => *sign == text,
            Self::Text(_) => false,
        }
    }
}

/// The tokens of a source text, each with its line.
pub fn tokens(source: &str) -> Vec<(usize, Token)> {
    without_tests(&Reader { rest: source.chars().collect(), at: 0, line: 1 }.read())
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> char {
        self.rest.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> char {
        let next = self.peek(0);
        self.at += 1;
        self.line += usize::from(next == '\n');
        next
    }

    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek(i) == c)
    }

    fn skip(&mut self, count: usize) {
        (0..count).for_each(|_| _ = self.next());
    }

    fn read(mut self) -> Vec<(usize, Token)> {
        let mut found = Vec::new();
        while self.at < self.rest.len() {
            let line = self.line;
            if let Some(token) = self.token() {
                found.push((line, token));
            }
        }
        found
    }

    fn token(&mut self) -> Option<Token> {
        if self.sees("//") {
            while !matches!(self.peek(0), '\n' | '\0') {
                self.next();
            }
            return None;
        }
        if self.sees("/*") {
            self.block_comment();
            return None;
        }
        match self.peek(0) {
            '"' => Some(self.string(0, true)),
            '\'' => self.character(),
            c if c.is_alphanumeric() || c == '_' => Some(self.word()),
            ':' if self.sees("::") => {
                self.skip(2);
                Some(Token::Sign("::"))
            }
            c => {
                self.next();
                // The signs that anything here asks for; any other is one that is none of them.
                let known = ["#", "[", "]", "(", ")", "{", "}", ";", ",", "!", "*"];
                (!c.is_whitespace()).then(|| Token::Sign(known.into_iter().find(|s| s.starts_with(c)).unwrap_or("?")))
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.sees("/*") {
                depth += 1;
                self.skip(2);
            } else if self.sees("*/") {
                depth -= 1;
                self.skip(2);
            } else {
                self.next();
            }
            if depth == 0 || self.at >= self.rest.len() {
                return;
            }
        }
    }

    fn word(&mut self) -> Token {
        let mut word = String::new();
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            word.push(self.next());
        }
        let hashes = (0..).take_while(|i| self.peek(*i) == '#').count();
        let quoted = self.peek(hashes) == '"';
        match &*word {
            "r" | "br" | "cr" if quoted => self.string(hashes, false),
            "b" | "c" if quoted && hashes == 0 => self.string(0, true),
            _ => Token::Word(word),
        }
    }

    /// From the hashes before the first quote on.
    fn string(&mut self, hashes: usize, escapes: bool) -> Token {
        self.skip(hashes + 1);
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while !self.sees(&end) && self.at < self.rest.len() {
            if escapes && self.peek(0) == '\\' {
                text.push(self.next());
            }
            text.push(self.next());
        }
        self.skip(hashes + 1);
        Token::Text(text)
    }

    /// A character, or the tick of a lifetime, which is nothing.
    fn character(&mut self) -> Option<Token> {
        self.next();
        if self.peek(0) != '\\' && self.peek(1) != '\'' {
            self.word();
            return None;
        }
        let mut text = String::from(self.next());
        if text == "\\" {
            text.push(self.next());
        }
        while self.peek(0) != '\'' && self.at < self.rest.len() {
            text.push(self.next());
        }
        self.next();
        Some(Token::Text(text))
    }
}

/// Takes out each item under `#[cfg(test)]`, up to its closing brace or semicolon.
fn without_tests(all: &[(usize, Token)]) -> Vec<(usize, Token)> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let is_attribute = |at: usize| all[at].1.is("#") && all.get(at + 1).is_some_and(|(_, token)| token.is("["));
        if !is_attribute(at) {
            kept.push(all[at].clone());
            at += 1;
            continue;
        }
        let end = closing(all, at + 1, "[", "]");
        let has = |word: &str| all[at..end].iter().any(|(_, token)| token.is(word));
        if !has("cfg") || !has("test") || has("not") {
            kept.extend_from_slice(&all[at..end]);
            at = end;
            continue;
        }
        at = end;
        while at < all.len() && is_attribute(at) {
            at = closing(all, at + 1, "[", "]");
        }
        let body = (at..all.len()).find(|i| all[*i].1.is("{") || all[*i].1.is(";")).unwrap_or(all.len());
        at =
            if all.get(body).is_some_and(|(_, token)| token.is("{")) { closing(all, body, "{", "}") } else { body + 1 };
    }
    kept
}

/// The place after the bracket that closes the one at `start`.
fn closing(all: &[(usize, Token)], start: usize, open: &str, close: &str) -> usize {
    let mut depth = 0;
    for (i, (_, token)) in all.iter().enumerate().skip(start) {
        depth += i32::from(token.is(open)) - i32::from(token.is(close));
        if depth == 0 {
            return i + 1;
        }
    }
    all.len()
}

#[test]
fn comments_strings_and_tests_are_told_from_code() {
    let source = r##"
        //! crate::a
        use b; /* crate::c /* nested */ crate::d */
        fn f<'a>(x: &'a str) -> char { let t = "unsafe \" // {"; let r = r#"é " {"#; '\'' }
        #[cfg(test)]
        #[allow(unused)]
        mod tests { use super::*; fn g() { } }
        #[cfg(not(test))]
        use e; // the end"##;
    let found = tokens(source);
    let words: Vec<_> = found.iter().filter(|(_, token)| matches!(token, Token::Word(_))).collect();
    let lines =
        |word: &str| words.iter().filter(|(_, token)| token.is(word)).map(|(line, _)| *line).collect::<Vec<_>>();
    assert_eq!((lines("b"), lines("t"), lines("e")), (vec![3], vec![4], vec![9]), "{found:?}");
    for gone in ["a", "c", "d", "g", "unsafe", "tests"] {
        assert!(lines(gone).is_empty(), "{gone}: {found:?}");
    }
    let texts: Vec<_> = found
        .iter()
        .filter_map(|(_, token)| if let Token::Text(text) = token { Some(&**text) } else { None })
        .collect();
    assert_eq!(texts, [r#"unsafe \" // {"#, "é \" {", r"\'"]);
}
