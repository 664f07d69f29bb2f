//! Tests of shards.

use super::*;

fn units(number: u64) -> Vec<UnitId> {
    (0..number).map(|unit| UnitId::of(&["unit", &unit.to_string()])).collect()
}

#[test]
fn ids_are_the_same_on_every_machine_and_in_every_version() {
    assert_eq!(UnitId::of(&["check", "a"]).to_string(), "29432e62f240e207aa28ee27578da92f");
    assert_eq!(UnitId::of(&[]).to_string(), "6b05072b96744667eff0d2acd8215e3e");
    assert_ne!(UnitId::of(&["ab", "c"]), UnitId::of(&["a", "bc"]));
    let id = UnitId::of(&["check"]);
    assert_eq!(id.to_string().parse(), Ok(id));
    for text in ["", "+f", &"g".repeat(32), &"0".repeat(33), &format!("+{}", "0".repeat(31))] {
        assert!(text.parse::<UnitId>().is_err(), "{text}");
    }
}

#[test]
fn each_unit_is_in_exactly_one_shard_and_shards_are_about_equal() {
    let all = units(10_000);
    for of in [1, 2, 7, 64] {
        let partition = Partition::by_content(of);
        let mut sizes = vec![0; of as usize];
        all.iter().for_each(|unit| sizes[partition.shard_of(*unit) as usize - 1] += 1);
        assert_eq!(sizes.iter().sum::<usize>(), all.len());
        let mean = all.len() / of as usize;
        assert!(sizes.iter().all(|size| size.abs_diff(mean) < mean / 2), "{of}: {sizes:?}");
    }
}

#[test]
fn costs_balance_the_shards_and_depend_on_nothing_but_the_record() {
    let mut costs = Costs::default();
    let all = units(200);
    let cost = |at: usize| (at as u64 + 1).pow(3);
    for (at, unit) in all.iter().enumerate() {
        costs.add(*unit, cost(at));
    }
    let loads = |partition: &Partition| {
        let mut loads = [0; 7];
        for (at, unit) in all.iter().enumerate() {
            loads[partition.shard_of(*unit) as usize - 1] += cost(at);
        }
        (*loads.iter().min().expect("seven"), *loads.iter().max().expect("seven"))
    };
    let (least, most) = loads(&Partition::by_cost(7, &costs));
    assert!(most - least < most / 1000, "{least} to {most}");
    let (least, most) = loads(&Partition::by_content(7));
    assert!(most > least * 5 / 4, "the hash knows no costs: {least} to {most}");
    let unknown = units(300).split_off(200);
    let (by_cost, by_content) = (Partition::by_cost(7, &costs), Partition::by_content(7));
    assert!(unknown.iter().all(|unit| by_cost.shard_of(*unit) == by_content.shard_of(*unit)));
}

#[test]
fn a_shard_reads_back_as_what_it_was_and_there_is_no_other() {
    for text in ["1/1", "2/7", "7/7", "1000000/1000000"] {
        assert_eq!(text.parse::<Shard>().expect("a shard").to_string(), text);
    }
    for text in ["", "1", "0/1", "2/1", "1/0", "+1/2", "1/2/3", "a/b", " 1/2", "1/1000001"] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
}

/// What the environment with these variables names.
fn of(variables: &[(&str, &str)]) -> Result<(String, String), String> {
    let value = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    auto(value).map(|(shard, read)| (shard.to_string(), read))
}

#[test]
fn each_system_names_the_shard_in_its_own_variables() {
    let found = |variables: &[(&str, &str)]| of(variables).expect("a shard").0;
    let slurm = |id| [("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_MIN", "5")];
    let of_slurm = |id| [&slurm(id)[..], &[("SLURM_ARRAY_TASK_COUNT", "4")]].concat();
    assert_eq!(found(&of_slurm("5")), "1/4");
    assert_eq!(found(&of_slurm("8")), "4/4");
    // A task that is submitted again alone: the size of the array is no longer that of the whole.
    assert_eq!(found(&[&of_slurm("5")[..], &[(TOTAL, "64")]].concat()), "6/64");
    assert_eq!(found(&[("JOB_COMPLETION_INDEX", "0"), (TOTAL, "64")]), "1/64");
    assert_eq!(found(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]), "1/3");
    assert_eq!(found(&[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "3")]), "3/3");
    assert_eq!(found(&[(INDEX, "2"), (TOTAL, "3"), ("CI_NODE_INDEX", "1")]), "3/3");
    let (_, read) = of(&of_slurm("7")).expect("a shard");
    assert_eq!(
        read,
        "SLURM_ARRAY_TASK_ID=7, SLURM_ARRAY_TASK_MIN=5, SLURM_ARRAY_TASK_COUNT=4 of a Slurm array"
    );
}

#[test]
fn what_the_environment_does_not_say_is_named() {
    let why = |variables: &[(&str, &str)]| of(variables).expect_err("no shard");
    assert!(why(&[]).contains("JOB_COMPLETION_INDEX (a Kubernetes Indexed Job)"));
    let total = why(&[("JOB_COMPLETION_INDEX", "3")]);
    assert!(total.contains("CALLOFF_SHARD_TOTAL is not set"), "{total}");
    assert!(why(&[(INDEX, "x"), (TOTAL, "3")]).contains("no whole number: \"x\""));
    assert!(why(&[(INDEX, "3"), (TOTAL, "3")]).contains("there is no shard 4"));
    assert!(why(&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")]).contains("begin at 1"));
    // Every other task of an array: its last index is beyond its size.
    let array = [("SLURM_ARRAY_TASK_ID", "6"), ("SLURM_ARRAY_TASK_MIN", "0")];
    assert!(why(&[&array[..], &[("SLURM_ARRAY_TASK_COUNT", "4")]].concat()).contains("shard 7"));
}
