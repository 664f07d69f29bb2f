//! Reads codes as people write them: by name, in hexadecimal digits, or as a decimal number with or
//! without a sign.

use calloff_model::Code;
use calloff_protocol::text::{hint, nearest};

use crate::answers::ANSWERS;
use crate::field;

/// Reads a code: its name in any case, `0x` and hexadecimal digits in any case, or the decimal
/// number that logs print, which has a minus sign if it was taken for a signed one. The Win32 error
/// of a named code will do as well, and so will its eight hexadecimal digits without `0x`.
pub fn parse_code(text: &str) -> Option<Code> {
    if let Ok(code) = text.to_uppercase().replacen("0X", "0x", 1).parse() {
        return Some(code);
    }
    if let Some(code) = field::named(text) {
        return Some(code);
    }
    let is_named = |code: &Code| {
        field::of_code(*code).is_some() || Code::NAMED.iter().any(|(_, named)| named == code)
    };
    let decimal = decimal(text);
    if decimal.is_some_and(|code| is_named(&code)) {
        return decimal;
    }
    let win32 = decimal.filter(|code| (1..0x1_0000).contains(&code.0));
    let win32 = win32.map(|code| Code(0x8007_0000 | code.0));
    let mut meant = [win32, eight_digits(text)].into_iter().flatten();
    meant.find(is_named).or(decimal)
}

fn decimal(text: &str) -> Option<Code> {
    let number: i64 = text.parse().ok()?;
    match u32::try_from(number) {
        Ok(unsigned) => Some(Code(unsigned)),
        Err(_) => Some(Code(i32::try_from(number).ok()?.cast_unsigned())),
    }
}

/// The code with these eight hexadecimal digits, which some logs print without `0x`.
pub(super) fn eight_digits(text: &str) -> Option<Code> {
    let is_hex = text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(text, 16).ok().map(Code))?
}

/// The code that a name was probably meant to be, as a question.
pub fn code_hint(name: &str) -> Option<String> {
    near_code(name).or_else(|| like_code(name))
}

/// One that is written nearly so: rather one that operations answer than one that is only known.
fn near_code(name: &str) -> Option<String> {
    if let Some(code) = eight_digits(name) {
        return Some(format!("; did you mean `0x{:08X}`?", code.0));
    }
    let answers = ANSWERS.iter().map(|answer| answer.code_name());
    let all = || Code::NAMED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let hints = [hint(name, answers.collect()), hint(name, all())];
    hints.into_iter().find(|hint| !hint.is_empty())
}

/// One that operations answer and that ends in nearly the same word, if the name begins as codes
/// do.
fn like_code(name: &str) -> Option<String> {
    let (first, _) = name.split_once('_')?;
    let (_, last) = name.rsplit_once('_')?;
    let begins = |code: &str| code.split('_').next().is_some_and(|c| c.eq_ignore_ascii_case(first));
    if !Code::NAMED.iter().any(|(code, _)| begins(code)) {
        return None;
    }
    let codes: Vec<String> = ANSWERS.iter().map(|answer| answer.code.name()).collect();
    let last_of = |code: &str| code.rsplit('_').next().unwrap_or_default().to_owned();
    let lasts: Vec<String> = codes.iter().map(|code| last_of(code)).collect();
    let nearest = nearest(last, lasts.iter().map(String::as_str))?;
    let code = codes.iter().find(|code| last_of(code) == nearest)?;
    Some(format!("; did you mean `{code}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_written_in_many_ways() {
        let ways = ["RPC_E_CALL_COMPLETE", "rpc_e_call_complete", "0x80010117", "0X80010117"];
        for way in ways.into_iter().chain(["2147549463", "-2147417833", "80010117"]) {
            assert_eq!(parse_code(way), Some(Code::RPC_E_CALL_COMPLETE), "{way}");
        }
        assert_eq!(parse_code("0xabc"), Some(Code(0xabc)));
        assert_eq!(parse_code("rpc_s_call_canceled"), Some(Code::RPC_E_CALL_CANCELED));
        assert_eq!(parse_code("1818"), Some(Code::RPC_S_CALL_CANCELLED));
        assert_eq!(parse_code("1"), Some(Code::S_FALSE));
        assert_eq!(parse_code("8000ffff"), Some(Code::E_UNEXPECTED));
        // Without a named code for these digits, they are read as a decimal number.
        assert_eq!(parse_code("80010118"), Some(Code(80_010_118)));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in
            ["", "S_OKAY", "0x", "4294967296", "-2147483649", "1.5", "0x123456789", "8001011F"]
        {
            assert_eq!(parse_code(text), None, "{text}");
        }
    }
}
