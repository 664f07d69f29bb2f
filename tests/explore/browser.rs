//! A browser for the tests: headless Chromium, controlled by its own protocol over a pipe.
//!
//! The tests use the pointer and the keyboard as a person would. Scripts are only used to read the
//! page.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

use serde_json::{Value, json};

/// The longest time for an answer of the browser on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The middle of an element after scrolling to it; `null` if something else covers it.
pub(super) const PLACE: &str = "(selector) => {
    const element = document.querySelector(selector);
    if (!element) return null;
    element.scrollIntoView({ block: 'center', inline: 'center' });
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const seen = document.elementFromPoint(x, y);
    return seen && element.contains(seen) ? [x, y] : null;
}";

/// A running browser with one tab. It ends with this program, which then closes its pipe.
pub(super) struct Browser {
    _child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    session: Option<String>,
    number: u64,
    loads: u64,
    /// Events that the browser has sent without being asked.
    events: VecDeque<Value>,
}

/// The number of browsers that run at once.
pub(super) const BROWSERS: usize = 2;

/// Takes a browser for exclusive use until the guard is dropped.
pub(super) fn browser() -> MutexGuard<'static, Browser> {
    static ALL: [OnceLock<Mutex<Browser>>; BROWSERS] = [const { OnceLock::new() }; BROWSERS];
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let of = |number: usize| ALL[number].get_or_init(|| Mutex::new(Browser::start(number)));
    let turn = ASKED.fetch_add(1, Ordering::Relaxed) % BROWSERS;
    // Take a free browser, or else wait for the one whose turn it is.
    let free = (0..BROWSERS).find_map(|next| match of((turn + next) % BROWSERS).try_lock() {
        Ok(browser) => Some(browser),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    });
    let mut browser =
        free.unwrap_or_else(|| of(turn).lock().unwrap_or_else(PoisonError::into_inner));
    browser.reset();
    browser
}

/// The browser's program, under one of the names that distributions use.
fn program() -> String {
    let given = std::env::var("CALLOFF_CHROMIUM").ok();
    let known = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
    let is_there = |name: &String| {
        let asked = Command::new(name).arg("--version").stderr(Stdio::null()).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    given.into_iter().chain(known).find(is_there).expect(
        "there is no Chromium: install it (apt-get install chromium), \
         or name the program in CALLOFF_CHROMIUM",
    )
}

impl Browser {
    fn start(number: usize) -> Browser {
        let profile = format!("browser-profile-{number}");
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(profile);
        let _ = std::fs::remove_dir_all(&profile);
        // The browser reads file descriptor 3 and writes to 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", &program()])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"])
            // Otherwise most of the time would go into pictures that no test looks at.
            .arg("--disable-threaded-compositing")
            // Tests follow more links per second than a person.
            .arg("--disable-ipc-flooding-protection")
            .args(["--window-size=1280,900", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("a pipe");
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                if sender.send(std::mem::take(&mut message)).is_err() {
                    break;
                }
            }
        });
        let (session, number, loads, events) = (None, 0, 0, VecDeque::new());
        let mut browser = Browser { _child: child, input, output, session, number, loads, events };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let wanted = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", wanted);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let folder = json!({ "behavior": "allow", "downloadPath": env!("CARGO_TARGET_TMPDIR") });
        browser.call("Page.setDownloadBehavior", folder);
        browser
    }

    /// Restores the state in which every test finds the browser.
    fn reset(&mut self) {
        self.look("", "");
        self.size(1280, 900);
        self.events.clear();
    }

    /// Sends a command to the browser, and waits for its answer.
    pub(super) fn call(&mut self, method: &str, params: Value) -> Value {
        let number = self.ask(method, params);
        self.answer(method, number)
    }

    /// Sends several commands, and waits until all are done.
    fn call_all(&mut self, method: &str, all: impl IntoIterator<Item = Value>) {
        let asked: Vec<u64> = all.into_iter().map(|params| self.ask(method, params)).collect();
        for number in asked {
            self.answer(method, number);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(message.to_string().as_bytes()).expect("the browser listens");
        self.input.write_all(&[0]).expect("the browser listens");
        self.number
    }

    fn answer(&mut self, method: &str, number: u64) -> Value {
        if let Some(at) = self.events.iter().position(|event| event["id"] == number) {
            return Self::result(method, self.events.remove(at).expect("it was found"));
        }
        loop {
            let answer = self.output.recv_timeout(PATIENCE).expect("the browser answers");
            let answer: Value = serde_json::from_slice(&answer).expect("the browser speaks JSON");
            if answer["id"] == number {
                return Self::result(method, answer);
            }
            self.events.push_back(answer);
        }
    }

    fn result(method: &str, mut answer: Value) -> Value {
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].take()
    }

    /// Opens a page, with a fragment or without one, and waits until it is loaded.
    pub(super) fn open(&mut self, file: &Path, fragment: &str) {
        self.loads += 1;
        let url = format!("file://{}?{}{fragment}", file.display(), self.loads);
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        let query = format!("?{}", self.loads);
        let loaded = format!("location.search === '{query}' && document.readyState");
        self.wait_for(&format!("({loaded}) === 'complete'"));
    }

    /// Waits until an expression on the page is true.
    pub(super) fn wait_for(&mut self, expression: &str) {
        for _ in 0..3000 {
            if self.eval(expression) == json!(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{expression} never becomes true");
    }

    /// The value of an expression on the page.
    pub(super) fn eval(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", params);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].clone()
    }

    /// The visible text of the first element that the selector matches.
    pub(super) fn text(&mut self, selector: &str) -> String {
        // Text that is not on the screen is not included in `innerText`, but can be scrolled to.
        let found = self.eval(&format!(
            "(() => {{
                const element = document.querySelector({});
                if (!element) return null;
                return element.checkVisibility() ? element.innerText || element.textContent : '';
            }})()",
            json!(selector)
        ));
        found.as_str().unwrap_or_else(|| panic!("there is no {selector}")).to_owned()
    }

    /// The number of matching elements.
    pub(super) fn count(&mut self, selector: &str) -> usize {
        let found = self.eval(&format!("document.querySelectorAll({}).length", json!(selector)));
        usize::try_from(found.as_u64().expect("a number")).expect("not that many")
    }

    /// Clicks into the middle of an element, which must be visible there.
    pub(super) fn click(&mut self, selector: &str) {
        let place = self.eval(&format!("({PLACE})({})", json!(selector)));
        assert!(!place.is_null(), "{selector} is not there to be clicked");
        self.click_at(&place);
    }

    /// Clicks at a place in the window, in pixels.
    pub(super) fn click_at(&mut self, place: &Value) {
        let event = |kind: &str| {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            json!({ "type": kind, "x": place[0], "y": place[1],
                    "button": button, "clickCount": 1 })
        };
        let kinds = ["mouseMoved", "mousePressed", "mouseReleased"];
        self.call_all("Input.dispatchMouseEvent", kinds.map(event));
    }

    /// Presses a key, given as a character or by its name.
    pub(super) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            _ => (key.to_ascii_uppercase().as_bytes()[0], key),
        };
        let event = |kind: &str| {
            let text = if kind == "keyDown" { text } else { "" };
            json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code })
        };
        self.call_all("Input.dispatchKeyEvent", ["keyDown", "keyUp"].map(event));
    }

    /// Sets the colour scheme and the medium of the page; an empty text means the browser's
    /// default.
    pub(super) fn look(&mut self, scheme: &str, medium: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let params = json!({ "media": medium, "features": features });
        self.call("Emulation.setEmulatedMedia", params);
    }

    /// The size of the window, in pixels.
    pub(super) fn size(&mut self, width: u32, height: u32) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
                             "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    /// Everything that went wrong since the page was opened: console messages, uncaught errors, and
    /// every request other than the one for the page itself.
    pub(super) fn troubles(&mut self) -> Vec<String> {
        self.eval("1");
        let page = format!("?{}", self.loads);
        let trouble = |event: &Value| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" | "Log.entryAdded" => Some(params.to_string()),
                "Runtime.consoleAPICalled" => Some(params.to_string()),
                "Network.requestWillBeSent" => {
                    let url = params["request"]["url"].as_str()?;
                    let is_own = url.starts_with("blob:") || url.contains(&page);
                    (!is_own).then(|| url.to_owned())
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(trouble).collect()
    }
}
