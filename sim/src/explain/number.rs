//! Reads codes as people write them: by name, in hexadecimal digits, or as a decimal number with or
//! without a sign.

use calloff_model::Code;

/// Reads a code: its name in any case, `0x` and hexadecimal digits in any case, or the decimal
/// number that logs print (negative if the log prints signed numbers). Also accepts the Win32 error
/// that a named code is made from, and the eight hexadecimal digits of a named code without `0x`.
pub fn parse_code(text: &str) -> Option<Code> {
    if let Ok(code) = text.to_uppercase().replacen("0X", "0x", 1).parse() {
        return Some(code);
    }
    let is_named = |code: &Code| Code::NAMED.iter().any(|(_, named)| named == code);
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
