#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

enum class TokenKind {
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Colon,
    Comma,
    Text,
    Number,
    Literal,
};

struct Token {
    TokenKind kind;
    std::string text;
    uint32_t offset;
};

struct TokenError {
    uint32_t offset = 0;
    char32_t found = U'\0';
};

static const std::string_view PUNCTUATION = "{}[]:,";

std::variant<std::vector<Token>, TokenError> tokenize(std::string_view source) {
    std::vector<Token> tokens;
    size_t at = 0;
    auto push = [&](TokenKind kind, size_t from, size_t n) {
        tokens.push_back({kind, std::string(source.substr(from, n)), static_cast<uint32_t>(at)});
    };
    while (at < source.size()) {
        unsigned char c = source[at];
        size_t end = at + 1;
        if (std::isspace(c)) {
            at = end;
            continue;
        }
        if (size_t p = PUNCTUATION.find(static_cast<char>(c)); p != std::string_view::npos) {
            push(static_cast<TokenKind>(p), at, 1);
        } else if (c == '"') {
            size_t close = source.find('"', end);
            if (close == std::string_view::npos) return TokenError{uint32_t(at), U'"'};
            push(TokenKind::Text, end, close - end);
            end = close + 1;
        } else if (std::isdigit(c) || c == '-') {
            while (end < source.size() && (std::isalnum((unsigned char)source[end]) || source[end] == '.')) end++;
            push(TokenKind::Number, at, end - at);
        } else if (std::islower(c)) {
            while (end < source.size() && std::islower((unsigned char)source[end])) end++;
            push(TokenKind::Literal, at, end - at);
        } else {
            return TokenError{static_cast<uint32_t>(at), static_cast<char32_t>(c)};
        }
        at = end;
    }
    return tokens;
}

std::optional<std::vector<TokenKind>> kinds(const std::string& source) {
    auto result = tokenize(source);
    auto* tokens = std::get_if<std::vector<Token>>(&result);
    if (!tokens) return std::nullopt;
    std::vector<TokenKind> out;
    for (const Token& t : *tokens) out.push_back(t.kind);
    return out;
}

std::string render(const std::vector<Token>& tokens) {
    std::string out;
    for (const auto& [kind, text, offset] : tokens)
        out += kind == TokenKind::Text ? '"' + text + '"' : text;
    return out;
}
