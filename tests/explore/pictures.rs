//! What a page draws and exports is what the command line draws, byte for byte, whatever the path.

use std::collections::VecDeque;

use calloff_model::Reading;
use calloff_protocol::graph::{Graph, GraphSource, NodeKind};
use calloff_protocol::pair::Point;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::{Choice, Fault};
use calloff_protocol::{faults, trace};
use calloff_reports::lanes::{Layout, laid_out};
use calloff_reports::page::levels::{Held, Made, Wanted, make};
use calloff_reports::page::render;
use serde_json::{Value, json};

use super::browser::{Browser, browser};
use super::pages::hostile;
use super::{made, scenario, write};

/// Goes along paths by the page's own links, and reads what it shows and exports then.
const READ: &str = "async (paths, machine) => {
    const cellsOf = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => {
        const lines = cell.querySelector('span') ? [...cell.children] : [cell];
        // Names between backticks are code on the page.
        const texts = lines.map((line) => line.textContent.replaceAll('`', ''));
        return texts.filter((text) => !text.startsWith('✗ stuck: ')).join('\\n');
    }));
    const byId = (id) => document.getElementById(id);
    const told = [];
    for (const [names, table] of paths) {
        const hash = `#s=${names.map(encodeURIComponent).join(',')}${machine}`;
        await new Promise((done) => {
            addEventListener('hashchange', done, { once: true });
            location.hash = `${hash}&once=${told.length}`;
        });
        const exported = ['txt', 'svg', 'mmd'].map((format) => {
            byId('format').value = format;
            byId('format').dispatchEvent(new Event('change'));
            return byId('export').value;
        });
        const wanted = new DOMParser().parseFromString(table, 'text/html').querySelector('table');
        const forEver = [...byId('for-ever').children].map((line) => line.textContent);
        told.push([...exported, byId('decides').textContent, forEver, cellsOf(byId('lanes')),
            cellsOf(wanted)]);
    }
    return told;
}";

/// A small generator of numbers that look random (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below the bound")
    }
}

/// The first shortest schedule to each end, and to each thing that is violated.
fn shortest(graph: &Graph) -> Vec<Schedule> {
    let mut came: Vec<Option<Schedule>> = vec![None; graph.nodes.len()];
    came[0] = Some(Schedule::default());
    let (mut ends, mut violated, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let mut queue = VecDeque::from([0]);
    while let Some(node) = queue.pop_front() {
        for edge in &graph.nodes[node].edges {
            let mut schedule = came[node].clone().expect("it was come to");
            schedule.0.push(edge.choice);
            let there = &graph.nodes[edge.to];
            if let NodeKind::End(end) = there.kind
                && !ends.contains(&end)
            {
                ends.push(end);
                found.push(schedule.clone());
            }
            for (what, _) in edge.broken.iter().chain(&there.broken) {
                if !violated.contains(what) {
                    violated.push(*what);
                    found.push(schedule.clone());
                }
            }
            if came[edge.to].is_none() {
                came[edge.to] = Some(schedule);
                queue.push_back(edge.to);
            }
        }
    }
    found
}

/// Walks by chance: every third one stops somewhere on its way.
fn walks(graph: &Graph, how_many: usize, dice: &mut Dice) -> Vec<Schedule> {
    let walk = |number| {
        let (mut node, mut choices) = (0, Vec::new());
        let length = if number % 3 == 2 { dice.below(12) } else { usize::MAX };
        while choices.len() < length && !graph.nodes[node].edges.is_empty() {
            let edges = &graph.nodes[node].edges;
            let edge = &edges[dice.below(edges.len())];
            choices.push(edge.choice);
            node = edge.to;
        }
        Schedule(choices)
    };
    (0..how_many).map(walk).collect()
}

/// What came of comparing.
#[derive(Default, Debug)]
struct Compared {
    paths: usize,
    with_a_pair: usize,
    without_a_pair: usize,
    undecided: usize,
    beyond: usize,
    run_on: usize,
    broken: usize,
    stuck: usize,
    narrow: usize,
}

struct Comparison<'a> {
    browser: &'a mut Browser,
    scenario: &'a Scenario,
    program: &'a Program,
    found: &'a mut Compared,
}

impl Comparison<'_> {
    /// Holds every path of one machine against the command line's renderers.
    fn run(&mut self, reading: Reading, fault: Option<&'static Fault>, paths: &[Schedule]) {
        let layouts: Vec<Layout> = paths
            .iter()
            .map(|path| {
                let trace = trace::replay(self.program, reading, fault, path).expect("a path");
                let point: Option<Point> = Point::shown(self.scenario, self.program, &trace);
                laid_out(self.program, &trace, point.as_ref())
            })
            .collect();
        let wanted: Vec<Value> = paths
            .iter()
            .zip(&layouts)
            .map(|(path, layout)| json!([path.names(self.program), table(layout)]))
            .collect();
        let name = fault.map_or("", |fault| fault.name);
        let machine =
            format!("&r={}/{}&m={name}", reading.cancelable.name(), reading.waiter.name());
        let told = self.browser.eval(&format!("({READ})({}, {})", json!(wanted), json!(machine)));
        for ((path, layout), told) in
            paths.iter().zip(&layouts).zip(told.as_array().expect("a list"))
        {
            let at = format!("{}{machine} {:?}", self.scenario.name, path.names(self.program));
            self.compare(layout, told, &at);
        }
    }

    fn compare(&mut self, layout: &Layout, told: &Value, at: &str) {
        let sentence = told[3].as_str().expect("a sentence");
        self.found.count(layout, sentence);
        let mut layout = layout.clone();
        if sentence.contains("beyond what this page holds") {
            // Then the page marks nothing, and all the rest is the same.
            layout.rows.iter_mut().for_each(|row| row.mark = None);
            layout.decides = Some(sentence.to_owned());
        }
        assert_eq!(sentence, layout.decides.as_deref().unwrap_or(""), "{at}");
        assert_same(&told[0], &layout.to_text(80), at);
        assert_same(&told[1], &layout.to_svg(), at);
        assert_same(&told[2], &layout.to_mermaid(), at);
        let stuck: Vec<String> = layout.stuck.iter().map(|s| format!("for ever: {s}")).collect();
        assert_eq!(told[4], json!(stuck), "{at}");
        if !sentence.contains("beyond what this page holds") {
            assert_eq!(told[5], told[6], "{at}");
        }
    }
}

impl Compared {
    fn count(&mut self, layout: &Layout, sentence: &str) {
        self.paths += 1;
        match sentence {
            "" => self.undecided += 1,
            text if text.starts_with("The order of") => self.with_a_pair += 1,
            text if text.starts_with("No two steps") => self.without_a_pair += 1,
            _ => self.beyond += 1,
        }
        self.run_on += usize::from(sentence.contains(" on to the end"));
        self.broken += usize::from(layout.rows.iter().any(|row| !row.broken.is_empty()));
        self.stuck += usize::from(!layout.stuck.is_empty());
        self.narrow += usize::from(layout.lanes.len() > 3);
    }
}

/// The table of an HTML picture.
fn table(layout: &Layout) -> String {
    let html = layout.to_html().replace("<br>", "\n");
    let (_, rest) = html.split_once("<table>").expect("a table");
    let (table, _) = rest.split_once("</table>").expect("its end");
    format!("<table>{table}</table>")
}

fn assert_same(told: &Value, wanted: &str, at: &str) {
    let told = told.as_str().expect("text");
    if told != wanted {
        let differs = told.lines().zip(wanted.lines()).find(|(told, wanted)| told != wanted);
        panic!("{at}: {differs:?}\nthe page:\n{told}\nthe command line:\n{wanted}");
    }
}

/// The page of a scenario, along that many walks of each of the first machines on it.
fn compare(
    scenario: &Scenario,
    (made, start): (&Made, &Schedule),
    (machines, walks_each): (usize, usize),
    found: &mut Compared,
) {
    let page = write("pictures", &render(&scenario.name, &made.data));
    let program = Program::new(scenario);
    let mut browser = browser();
    browser.open(&page, "");
    let mut dice = Dice(1);
    let (first, others) = made.graphs.split_first().expect("a page has a machine");
    let (broken, right): (Vec<&Held>, Vec<&Held>) = others.iter().partition(|g| g.fault.is_some());
    for held in [first].into_iter().chain(broken).chain(right).take(machines) {
        let fault =
            held.fault.map(|name| faults::find(name).and_then(|f| f.machine()).expect("it"));
        let subject = GraphSource { scenario, program: &program, reading: held.reading, fault };
        let graph = Graph::explore(subject, start, held.states).expect("a start");
        let mut paths = vec![start.clone()];
        paths.extend(shortest(&graph));
        paths.extend(walks(&graph, walks_each, &mut dice));
        let (browser, program) = (&mut *browser, &program);
        let mut comparison = Comparison { browser, scenario, program, found };
        comparison.run(held.reading, fault, &paths);
    }
    assert_eq!(browser.troubles(), [""; 0], "{}", scenario.name);
}

/// Names and calls whose letters take no column, or two, or look like something else.
fn unusual() -> Scenario {
    let [caller, server, call] = [
        "日本語の長い名前のスレッドがここに立っている",
        "e\u{301}\u{302}e\u{301}e\u{301} e\u{301}nine e\u{301}e\u{301}e\u{301} two of them",
        "<b>&amp;😀;#%` = … {}",
    ];
    let text = format!(
        "schema = 1\nname = \"unusual\"\n\
         [[actor]]\nname = \"{caller}\"\ndepth = 1\nsteps = [{{ call = \"{call}\" }}]\n\
         [[actor]]\nname = \"{server}\"\n\
         steps = [{{ dispatch = \"{call}\" }}, {{ reply = \"S_OK\" }}]\n\
         [[actor]]\nname = \"👩👧 مر\"\n\
         steps = [{{ cancel = {{ thread = \"{caller}\", seconds = 12345 }} }}]\n"
    );
    Scenario::parse("unusual.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Pages round an execution that hold a part of the graph, and not what becomes of every swap.
fn compare_parts(how_many: (usize, usize), found: &mut Compared) {
    let scenario = scenario("cancel-meets-cancel");
    let program = Program::new(&scenario);
    let reading = scenario.expect.readings[0];
    let subject = GraphSource { scenario: &scenario, program: &program, reading, fault: None };
    let whole = Graph::from_start(subject, 20_000);
    for start in shortest(&whole).into_iter().take(how_many.0) {
        let states_max = whole.nodes.len() / 2;
        let (readings, start) = (vec![reading], start);
        let wanted = Wanted {
            scenario: &scenario,
            readings,
            fault: None,
            start: start.clone(),
            claim: None,
            states_max,
        };
        let part = make(&wanted).expect("the start is possible");
        compare(&scenario, (&part, &start), how_many, found);
    }
}

/// An execution in which a swap would let the clock advance to another time.
fn compare_clocks(found: &mut Compared) {
    let scenario = scenario("slow-machine-shortens-every-window");
    let names = "caller canceller server canceller server clock server server server canceller \
                 caller";
    let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
    let start = Schedule::from_names(&Program::new(&scenario), &names).expect("its actors");
    let made = made(&scenario, &scenario.expect.readings, None, 20_000);
    compare(&scenario, (&made, &start), (1, 0), found);
}

#[test]
fn what_a_page_draws_and_exports_is_what_the_command_line_draws() {
    let all = std::env::var_os("CALLOFF_PAGES").is_some();
    let few = ["cancel-meets-reply", "nested-calls-race", "seven-actors", "reply-meets-expiry"];
    let few = few.into_iter().chain(["infinite-window-without-reply"]).map(scenario);
    let corpus = calloff_tests::corpus().into_iter().map(|source| source.scenario);
    let scenarios: Vec<Scenario> = if all { corpus.collect() } else { few.collect() };
    let (start, how_many) = (Schedule::default(), if all { (usize::MAX, 60) } else { (2, 5) });
    let mut found = Compared::default();
    for scenario in scenarios.iter().chain([&unusual(), &hostile()]) {
        let made = made(scenario, &scenario.expect.readings, None, 20_000);
        compare(scenario, (&made, &start), how_many, &mut found);
    }
    compare_clocks(&mut found);
    compare_parts(how_many, &mut found);
    println!("{found:?}");
    assert!(
        found.with_a_pair > 50 && found.without_a_pair > 0 && found.undecided > 20,
        "{found:?}"
    );
    assert!(found.beyond > 0 && found.run_on > 5 && found.broken > 10, "{found:?}");
    assert!(found.stuck > 0 && found.narrow > 20, "{found:?}");
}

#[test]
fn the_pair_of_a_page_is_the_one_that_replay_names() {
    let scenario = scenario("cancel-meets-reply");
    let program = Program::new(&scenario);
    let reading = scenario.expect.readings[0];
    let subject = GraphSource { scenario: &scenario, program: &program, reading, fault: None };
    let path = shortest(&Graph::from_start(subject, 20_000)).remove(0);
    assert!(path.0.iter().any(|choice| matches!(choice, Choice::Actor(_))));
    let names = path.names(&program);
    let replayed = std::process::Command::new(calloff_tests::binary())
        .args(["replay", "--scenario", &scenario.name, "--schedule", &names.join(" ")])
        .args(["--format", "mermaid"])
        .output()
        .expect("the binary runs");
    let page = super::page(&scenario);
    let mut browser = browser();
    browser.open(&page, &format!("#s={}", names.join(",")));
    browser.eval("document.querySelector('#format').value = 'mmd'");
    browser.eval("document.querySelector('#format').dispatchEvent(new Event('change'))");
    let exported = browser.eval("document.querySelector('#export').value");
    assert_same(&exported, &String::from_utf8_lossy(&replayed.stdout), &names.join(" "));
}
