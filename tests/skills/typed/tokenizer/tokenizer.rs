#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Colon,
    Comma,
    Text,
    Number,
    Literal,
}

use TokenKind::*;

#[derive(Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub text: String,
    pub offset: u32,
}

#[derive(Debug)]
pub struct TokenError {
    pub offset: u32,
    pub found: char,
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn run(&self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.source[self.at..];
        let more = rest[1..].find(|c| !accept(c)).map_or(rest.len(), |n| n + 1);
        &rest[..more]
    }

    fn next(&mut self) -> Result<Option<Token>, TokenError> {
        let rest = self.source[self.at..].trim_start();
        self.at = self.source.len() - rest.len();
        let Some(c) = rest.chars().next() else { return Ok(None) };
        let error = TokenError { offset: self.at as u32, found: c };
        let offset = self.at as u32;
        let (kind, text) = match c {
            '{' => (LeftBrace, &rest[..1]),
            '}' => (RightBrace, &rest[..1]),
            '[' => (LeftBracket, &rest[..1]),
            ']' => (RightBracket, &rest[..1]),
            ':' => (Colon, &rest[..1]),
            ',' => (Comma, &rest[..1]),
            '"' => {
                let close = rest[1..].find('"').ok_or(error)?;
                self.at += 2;
                (Text, &rest[1..close + 1])
            }
            '-' | '0'..='9' => (Number, self.run(|c| c.is_ascii_alphanumeric() || c == '.')),
            'a'..='z' => (Literal, self.run(|c| c.is_ascii_lowercase())),
            _ => return Err(error),
        };
        self.at += text.len();
        Ok(Some(Token { kind, text: text.to_string(), offset }))
    }
}

pub fn tokenize(source: &str) -> Result<Vec<Token>, TokenError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

pub fn kinds(source: String) -> Option<Vec<TokenKind>> {
    Some(tokenize(&source).ok()?.iter().map(|t| t.kind).collect())
}

pub fn render(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|t| if t.kind == Text { format!("\"{}\"", t.text) } else { t.text.clone() })
        .collect()
}
