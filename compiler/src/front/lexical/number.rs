//! Number literals: where they end, and what is wrong with them.

/// CPython's limit on decimal digits (`sys.int_info.default_max_str_digits`): conversion takes quadratic time.
const MAX_DIGITS: usize = 4300;

/// The end of the number that begins at `start`, and the fault in it.
pub fn scan(bytes: &[u8], start: usize) -> (usize, Option<String>) {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let radix = match (at(start), at(start + 1).to_ascii_lowercase()) {
        (b'0', b'x') => 16,
        (b'0', b'o') => 8,
        (b'0', b'b') => 2,
        _ => 10,
    };
    let (end, fault) = if radix == 10 { decimal(bytes, start) } else { prefixed(bytes, start + 2, radix) };
    if fault.is_some() {
        return (end, fault);
    }
    let rest = &bytes[end..];
    let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    // CPython still takes a keyword right behind a number, as in `1if x else y`.
    let keyword = [&b"and"[..], b"else", b"for", b"if", b"in", b"is", b"not", b"or"].contains(&&rest[..word]);
    if word > 0 && !keyword {
        let text = String::from_utf8_lossy(&bytes[start..end + word]);
        let shown: String = text.chars().take(40).collect();
        return (end + word, Some(format!("`{shown}` is not a valid number")));
    }
    (end, None)
}

fn prefixed(bytes: &[u8], start: usize, radix: u32) -> (usize, Option<String>) {
    let (end, digits, sound) = digits(bytes, start, radix, true);
    let name = match radix {
        2 => "binary",
        8 => "octal",
        _ => "hexadecimal",
    };
    if digits == 0 || !sound {
        return (end, Some(format!("this is not a valid {name} number")));
    }
    match bytes.get(end) {
        Some(digit) if digit.is_ascii_digit() => {
            (end + 1, Some(format!("the digit {} is not valid in {name} numbers", *digit as char)))
        }
        _ => (end, None),
    }
}

fn decimal(bytes: &[u8], start: usize) -> (usize, Option<String>) {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let (mut end, whole, mut sound) = digits(bytes, start, 10, false);
    let mut is_float = false;
    if at(end) == b'.' {
        is_float = true;
        let (next, _, ok) = digits(bytes, end + 1, 10, false);
        (end, sound) = (next, sound && ok);
    }
    if at(end) | 0x20 == b'e' {
        let sign = usize::from(matches!(at(end + 1), b'+' | b'-'));
        if at(end + 1 + sign).is_ascii_digit() {
            is_float = true;
            let (next, _, ok) = digits(bytes, end + 1 + sign, 10, false);
            (end, sound) = (next, sound && ok);
        }
    }
    if at(end) | 0x20 == b'j' {
        is_float = true;
        end += 1;
    }
    if !sound {
        return (end, Some("underscores stand one at a time between digits".to_owned()));
    }
    let nonzero = bytes[start..end].iter().any(|b| (b'1'..=b'9').contains(b));
    if !is_float && whole > 1 && at(start) == b'0' && nonzero {
        let message = "a decimal integer has no leading zeros; octal numbers are written `0o17`";
        return (end, Some(message.to_owned()));
    }
    if !is_float && whole > MAX_DIGITS {
        let message = format!("this integer has {whole} digits, and Python reads at most {MAX_DIGITS}");
        return (end, Some(message));
    }
    (end, None)
}

/// The end of a run of digits with single underscores, how many digits there are, and whether the underscores are right.
fn digits(bytes: &[u8], start: usize, radix: u32, leading_underscore: bool) -> (usize, usize, bool) {
    let (mut end, mut count, mut sound) = (start, 0, true);
    let mut after_digit = leading_underscore;
    while let Some(&byte) = bytes.get(end) {
        if (byte as char).is_digit(radix) {
            (count, after_digit) = (count + 1, true);
        } else if byte == b'_' {
            let digit_next = bytes.get(end + 1).is_some_and(|b| (*b as char).is_digit(radix));
            sound &= after_digit && digit_next;
            after_digit = false;
        } else {
            break;
        }
        end += 1;
    }
    (end, count, sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_python_accepts() {
        let valid = [
            "0",
            "00",
            "0_0",
            "1_000",
            "0xFf",
            "0x_f",
            "0o17",
            "0b_101",
            "1.",
            "1.5",
            ".5",
            "1e5",
            "1E+5",
            "1.e-5",
            "1_0.0_1e1_0",
            "2j",
            "1e5J",
            "010.5",
            "09j",
            "1e400",
        ];
        for text in valid {
            assert_eq!(scan(text.as_bytes(), 0), (text.len(), None), "{text}");
        }
        assert_eq!(scan(b"1if", 0), (1, None));
        assert_eq!(scan(b"1..real", 0).0, 2);
        for text in
            ["012", "1__0", "1_", "0x", "0xg", "0b2", "0o8", "0b12", "1abc", "1_.5", "1._5", "0_7", "1e5x", "0x__1"]
        {
            assert!(scan(text.as_bytes(), 0).1.is_some(), "{text}");
        }
        assert!(scan("9".repeat(4301).as_bytes(), 0).1.is_some());
        assert!(scan("9".repeat(4300).as_bytes(), 0).1.is_none());
        assert!(scan(("0x".to_owned() + &"f".repeat(9999)).as_bytes(), 0).1.is_none());
    }
}
