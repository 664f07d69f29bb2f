//! A preprocessor of mdBook: replaces the commands of pictures by what they draw.
//!
//! See `docs/book.toml`. If the first argument is `supports`, mdBook asks whether a renderer is
//! supported; otherwise the book is read from standard input and written to standard output, as
//! JSON.

use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use calloff_tests::console::{self, END, PICTURE};
use calloff_tests::project_file;
use serde_json::Value;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("supports") {
        return ExitCode::SUCCESS;
    }
    // Cargo has only built this program; the program that it runs has to be built as well.
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--workspace", "--bin", "calloff"])
        .status();
    assert!(built.is_ok_and(|status| status.success()), "calloff cannot be built");
    let input: (Value, Value) = serde_json::from_reader(io::stdin()).expect("a book of mdBook");
    let (_, mut book) = input;
    draw_all(&mut book);
    serde_json::to_writer(io::stdout(), &book).expect("mdBook reads it");
    ExitCode::SUCCESS
}

/// Draws the pictures of each chapter, at any level of the book.
fn draw_all(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(draw_all),
        Value::Object(fields) => {
            let path = fields.get("path").and_then(Value::as_str).map(str::to_owned);
            if let (Some(path), Some(Value::String(text))) = (path, fields.get_mut("content")) {
                *text = draw(text, &path);
            }
            fields.values_mut().for_each(draw_all);
        }
        _ => {}
    }
}

/// The page with a figure in place of each picture's command.
fn draw(page: &str, path: &str) -> String {
    let file = project_file("docs").join(path);
    let folder = file.parent().unwrap_or(Path::new("."));
    let (mut out, mut rest) = (String::new(), page);
    while let Some((text, block)) = rest.split_once(PICTURE) {
        let (command, behind) = block.split_once(END).expect("a block ends");
        out.push_str(text);
        out.push_str(&figure(command.trim(), folder));
        rest = behind;
    }
    out + rest
}

fn figure(command: &str, folder: &Path) -> String {
    let output = console::execute(command, &["--format", "svg"], folder);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
    let svg = String::from_utf8(output.stdout).expect("a picture is text");
    // An empty line would end the block of HTML.
    let svg: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    let caption = command.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<figure class=\"calloff\">\n{}\n<figcaption><code>{caption}</code></figcaption>\n\
         </figure>\n\n",
        svg.join("\n")
    )
}
