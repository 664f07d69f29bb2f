//! Small scenarios by chance, the same ones each time.

use calloff_sim::scenario::Scenario;

struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[usize::try_from(self.throw(from.len() as u64)).expect("few")]
    }

    fn some(&mut self, from: &[&'static str], count_max: u64) -> Vec<&'static str> {
        (0..self.throw(count_max + 1)).map(|_| self.pick(from)).collect()
    }
}

const CANCELS: [&str; 6] = [
    r#"{ cancel = { thread = "caller", seconds = 0 } }"#,
    r#"{ cancel = { thread = "caller", seconds = 1 } }"#,
    r#"{ cancel = { thread = "caller", seconds = 2 } }"#,
    r#"{ cancel = { thread = "caller", seconds = "infinite" } }"#,
    r#"{ cancel = { thread = "canceller", seconds = 0 } }"#,
    r#"{ cancel = { thread = "canceller", seconds = 2 } }"#,
];

/// A caller, a server that may not reply, and a canceller that may call the server, too.
///
/// # Panics
///
/// Never: every one of them is valid.
pub fn scenario(seed: u64) -> Scenario {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut caller = dice.some(&[r#""enable""#, r#""disable""#], 1);
    caller.push(r#"{ issue = "work" }"#);
    caller.extend(dice.some(&[CANCELS[0], CANCELS[1], r#""disable""#, "{ sleep = 1 }"], 1));
    if dice.throw(4) > 0 {
        caller.push(r#"{ await = "work" }"#);
    }
    let mut server = dice.some(&["{ sleep = 1 }", "{ sleep = 3 }"], 1);
    server.push(r#"{ dispatch = "work" }"#);
    server.extend(dice.some(&[r#""test_cancel""#, "{ work = 2 }"], 1));
    if dice.throw(4) > 0 {
        server.push(r#"{ reply = "S_FALSE" }"#);
    }
    let mut canceller = dice.some(&["{ sleep = 1 }", "{ sleep = 2 }"], 1);
    if dice.throw(3) == 0 {
        canceller.push(r#"{ issue = "other" }"#);
        server.push(r#"{ dispatch = "other" }"#);
        server.extend(dice.some(&[CANCELS[4], CANCELS[5], "{ work = 1 }"], 1));
        server.extend(dice.some(&[r#"{ reply = "E_FAIL" }"#], 1));
    }
    canceller.extend(dice.some(&CANCELS, 2));
    canceller.push(r#""enable""#);
    let actor = |name: &str, steps: &[&str]| {
        let steps = steps.join(", ");
        format!("[[actor]]\nname = \"{name}\"\ndepth = 1\nsteps = [{steps}]\n")
    };
    let text = format!(
        "schema = 1\nname = \"random-{seed}\"\nsummary = \"\"\n{}{}{}",
        actor("caller", &caller),
        actor("server", &server),
        actor("canceller", &canceller),
    ) + "[expect]\nverdict = \"holds\"\n";
    Scenario::parse("random", text.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{text}"))
}
