//! Headings: names of any width stand apart.

use calloff_protocol::text::width;

use super::Layout;

/// Names whose letters take two columns, or none, and names that just fit or just do not.
fn names() -> Vec<String> {
    let wide = "日本語の長い名前のスレッドがここに立っている";
    let combined = "e\u{301}".repeat(40);
    let lengths = (20..=40).map(|length| "x".repeat(length));
    let words = "the caller who waits for a reply that never comes";
    lengths.chain([wide, &combined, words, "short"].map(str::to_owned)).collect()
}

fn layout(lanes: &[String]) -> Layout {
    Layout { lanes: lanes.to_vec(), rows: Vec::new(), stuck: Vec::new(), decides: None }
}

/// The text of the columns from one on, up to another.
fn columns(line: &str, from: usize, to: usize) -> String {
    let mut at = 0;
    let mut place = |c: char| {
        let start = at;
        at += width(c.encode_utf8(&mut [0; 4]));
        // A mark belongs to the letter before it.
        if at == start { start.saturating_sub(1) } else { start }
    };
    line.chars().filter(|c| (from..to).contains(&place(*c))).collect()
}

#[test]
fn no_heading_of_a_terminal_touches_the_next_one() {
    for one in &names() {
        for other in &names() {
            let text = layout(&[one.clone(), other.clone()]).to_text(80);
            let (heads, _) = text.split_once("\n\n").expect("a legend");
            let (start, lane) = (4 + 6, 35);
            let mut told = String::new();
            for line in heads.lines() {
                assert!(width(line) < 80, "{line}");
                let name = columns(line, start, start + lane);
                assert!(name.len() < lane || name.ends_with(' '), "{heads}");
                told.push_str(name.trim_end());
            }
            assert_eq!(told.replace(' ', ""), one.replace(' ', ""), "{heads}");
        }
    }
}

#[test]
fn no_heading_of_a_drawing_is_wider_than_its_lane() {
    for name in &names() {
        let drawing = layout(std::slice::from_ref(name)).to_svg();
        let heads = drawing.split("class=\"head\"").skip(2);
        let lines: Vec<&str> = heads
            .map(|head| head.split(['>', '<']).nth(1).expect("a text"))
            .take_while(|text| *text != "what changed")
            .collect();
        assert_eq!(lines.concat().replace(' ', ""), name.replace(' ', ""));
        assert!(lines.iter().all(|line| width(line) <= 30), "{lines:?}");
    }
}
