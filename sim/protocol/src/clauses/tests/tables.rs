//! Tests of the table of clauses itself: ids, sources, facets.

use crate::clauses::{CLAUSES, ClauseId, Kind, Level};

#[test]
fn ids_are_k1_to_k34_in_order_and_never_renumbered() {
    let ids: Vec<&str> = CLAUSES.iter().map(|clause| clause.id).collect();
    let expected = [
        "K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K13", "K14",
        "K15", "K16", "K17", "K18", "K19", "K20", "K21", "K22", "K23", "K24", "K25", "K26", "K27",
        "K28", "K29", "K30", "K31", "K32", "K33", "K34", "misuse",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn kinds_and_levels_are_those_of_the_contract() {
    let of = |kind: Kind| CLAUSES.iter().filter(move |clause| clause.kind == kind);
    let sometimes: Vec<&str> = of(Kind::Sometimes).map(|clause| clause.id).collect();
    assert_eq!(sometimes, ["K2", "K20", "K22", "K31", "K32", "K33", "K34"]);
    let special = CLAUSES.iter().filter(|clause| clause.level != Level::Doc);
    let special: Vec<(&str, &str)> =
        special.map(|clause| (clause.id, clause.level.name())).collect();
    let expected = [
        ("K11", "ref"),
        ("K12", "98"),
        ("K14", "98"),
        ("K18", "test"),
        ("K21", "obs"),
        ("K22", "obs"),
        ("K26", "ref"),
        ("K30", "ref"),
    ];
    assert_eq!(special, expected);
}

#[test]
fn only_what_is_witnessed_has_facets() {
    for clause in &CLAUSES {
        assert_eq!(clause.facets.is_empty(), clause.kind == Kind::Always, "{}", clause.id);
    }
    let table = ClauseId::find("K20").expect("a clause");
    let rows = ["S_OK", "RPC_S_CALL_CANCELED", "CO_E_CANCEL_DISABLED", "RPC_E_CALL_COMPLETE"];
    assert_eq!(table.facets[..4], rows);
    assert_eq!(table.facets.len(), 5, "and the remark");
}

#[test]
fn sentences_and_sources_read_as_one_line() {
    for clause in &CLAUSES {
        for text in [clause.sentence, clause.source] {
            assert!(!text.is_empty() && !text.contains("  ") && !text.contains('\n'), "{text}");
        }
        assert!(!clause.sentence.ends_with('.'), "{}", clause.id);
    }
}

#[test]
fn an_unknown_id_is_no_clause() {
    assert!(ClauseId::find("K0").is_none() && ClauseId::find("k1").is_none());
    assert_eq!(ClauseId::find("K14").map(|clause| clause.kind.name()), Some("always"));
}
