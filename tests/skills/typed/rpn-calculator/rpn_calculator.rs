pub enum RpnError {
    StackUnderflow,
    UnknownToken,
    Leftover,
    Empty,
}

fn is_number(token: &str) -> bool {
    token.ends_with(|c: char| c.is_ascii_digit()) && token.parse::<f64>().is_ok()
}

pub fn evaluate(text: &str) -> Result<f64, String> {
    let mut stack: Vec<f64> = Vec::new();
    for token in text.split_whitespace() {
        match token {
            "+" | "-" | "*" | "/" => {
                let underflow = || format!("stack underflow at {token}");
                let b = stack.pop().ok_or_else(underflow)?;
                let a = stack.pop().ok_or_else(underflow)?;
                stack.push(match token {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    _ if b == 0.0 => return Err("division by zero".to_string()),
                    _ => a / b,
                });
            }
            _ if is_number(token) => stack.push(token.parse().unwrap()),
            _ => return Err(format!("unknown token {token}")),
        }
    }
    if stack.len() != 1 {
        return Err(format!("{} values left", stack.len()));
    }
    Ok(stack[0])
}

pub fn depth(text: &str) -> Result<u8, RpnError> {
    let (mut now, mut most) = (0u8, 0u8);
    for token in text.split_whitespace() {
        if ["+", "-", "*", "/"].contains(&token) {
            if now < 2 {
                return Err(RpnError::StackUnderflow);
            }
            now -= 1;
        } else if is_number(token) {
            now += 1;
            most = most.max(now);
        } else {
            return Err(RpnError::UnknownToken);
        }
    }
    match now {
        0 => Err(RpnError::Empty),
        1 => Ok(most),
        _ => Err(RpnError::Leftover),
    }
}

pub fn check(text: &str) -> Result<(), RpnError> {
    depth(text)?;
    Ok(())
}
