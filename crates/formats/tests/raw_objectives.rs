//! Raw edges for every objective: ranks, demand, which options go together, and the certificate's document.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::side::{SideProof, Step};
use peermatch_assignment::{Chain, Flow, Left, Prices, Ranked as _, Ranks, Right, Stage};
use peermatch_formats::edges::{
    Asked, Certificate, Coverage, Demand, Proof, Proposing, RawProblem, Rule, WIDE_STEP, grades,
    is_document, read_certificate_document, read_flow, read_raw_wanting,
    write_certificate_document, write_flow,
};
use peermatch_model::fault::Faults;
use peermatch_model::words::{Objective, Words as _};

const EDGES: &str = "left,right,score\na,w,9\na,x,5\nb,w,9\nb,x,9\nc,x,2\n";
const CAPACITIES: &str = "right,capacity\nw,1\nx,2\n";

fn read(edges: &str, capacities: &str, demand: Demand<'_>) -> Result<RawProblem, Faults> {
    read_raw_wanting(
        ("e.csv", edges.as_bytes()),
        ("c.csv", capacities.as_bytes()),
        demand,
        Coverage::Total,
    )
}

fn plain(edges: &str) -> RawProblem {
    read(edges, CAPACITIES, Demand::Each(1)).unwrap()
}

fn faults(edges: &str, demand: &str) -> Vec<String> {
    let demand = Demand::Table("d.csv", demand.as_bytes());
    let faults = read(edges, CAPACITIES, demand).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn row(raw: &RawProblem, left: u32) -> Vec<(u32, u32)> {
    let mut row = Vec::new();
    raw.ranked().visit(Left(left), |_, Ranks { left, right }| row.push((left, right)));
    row
}

#[test]
fn a_side_without_ranks_ranks_by_score() {
    let raw = plain(EDGES);
    assert_eq!(row(&raw, 0), [(1, 1), (2, 2)]);
    assert_eq!(row(&raw, 1), [(1, 1), (1, 1)]);
    let raw = plain("left,right,score,left_rank\nb,x,9,7\na,x,5,1\na,w,9,2\nb,w,9,7\nc,x,2,3\n");
    assert_eq!(row(&raw, 0), [(2, 1), (1, 2)]);
    assert_eq!(row(&raw, 1), [(7, 1), (7, 1)]);
    let raw = plain("right_rank;left;right;score\n4;a;w;9\n1;a;x;5\n1;b;w;9\n9;b;x;9\n2;c;x;2\n");
    assert_eq!(row(&raw, 0), [(1, 4), (2, 1)]);
    assert_eq!(row(&raw, 1), [(1, 1), (1, 9)]);
}

#[test]
fn ranks_may_stand_for_scores_but_only_both() {
    let raw = plain("left,right,left_rank,right_rank\na,w,1,2\nb,w,1,1\n");
    assert!(!raw.scored());
    assert_eq!(raw.flow_score(&Flow::new(vec![vec![(Right(0), 1)], vec![]])), 0);
    let alone = read("left,right,left_rank\na,w,1\n", CAPACITIES, Demand::Each(1)).unwrap_err();
    assert!(alone.to_string().contains("the column `score` is missing"), "{alone}");
}

#[test]
fn a_rank_column_has_a_rank_in_every_row() {
    let edges = "left,right,score,left_rank,right_rank\na,w,1,1,1\na,x,1,,2\nb,w,1,0,3\nb,x,1,1,1000001\nc,x,x,2.5,-1\n";
    let told = faults(edges, "left,demand\na,1\n");
    let places: Vec<&str> = told.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    assert_eq!(
        places,
        ["e.csv:3:4", "e.csv:4:4", "e.csv:5:5", "e.csv:6:3", "e.csv:6:4", "e.csv:6:5"],
        "{told:#?}"
    );
}

#[test]
fn who_is_not_named_in_the_demand_wants_one() {
    let demand = "minimum,left,demand\n1,b,2\n,c,3\n";
    let raw = read(EDGES, CAPACITIES, Demand::Table("d.csv", demand.as_bytes())).unwrap();
    let supply = raw.supply();
    let of = |left| (supply.wanted(Left(left)), supply.least(Left(left)), supply.each(Left(left)));
    assert_eq!([of(0), of(1), of(2)], [(1, 0, 1), (2, 1, 1), (3, 0, 1)]);
    let all = read(EDGES, CAPACITIES, Demand::Each(4)).unwrap();
    assert!((0..3).all(|left| all.supply().wanted(Left(left)) == 4));
}

#[test]
fn every_fault_of_the_demand_is_told_with_those_of_the_edges() {
    let demand = "left,demand,minimum\na,0,0\nb,2,3\nz,1,0\nb,1,0\n,1,0\nc,two,-1\n";
    let told = faults("left,right,score\na,w,1\nb,w,oops\nc,w,1\n", demand);
    let places: Vec<&str> = told.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "e.csv:3:3",
            "d.csv:2:2",
            "d.csv:3:3",
            "d.csv:4:1",
            "d.csv:5:1",
            "d.csv:6:1",
            "d.csv:7:2",
            "d.csv:7:3"
        ],
        "{told:#?}"
    );
    assert!(told[4].contains("already stands in line 3"), "{}", told[4]);
    assert!(told[2].contains("the minimum is larger than the demand of 2"), "{}", told[2]);
    // A row of edges without an id may have been z's.
    let told = faults("left,right,score\n,w,1\na,w,1\n", "left,demand\nz,2\n");
    assert_eq!(told.len(), 1, "{told:#?}");
}

#[test]
fn who_has_several_rights_comes_back_as_written() {
    let raw = read(EDGES, CAPACITIES, Demand::Each(2)).unwrap();
    let flow = Flow::new(vec![vec![(Right(0), 1), (Right(1), 1)], vec![], vec![(Right(1), 1)]]);
    let bytes = write_flow(&raw, &flow);
    assert_eq!(bytes, b"left,right\na,w\na,x\nc,x\n");
    assert_eq!(read_flow(&raw, "m.csv", &bytes).unwrap(), flow);
    let told = read_flow(&raw, "m.csv", b"left,right\na,w\na,w\nz,w\n").unwrap_err().to_string();
    assert!(told.contains("m.csv:3:2 (right): `w`: this left already has this right"), "{told}");
    assert!(told.contains("m.csv:4:1 (left): `z`"), "{told}");
    let told = read_flow(&plain(EDGES), "m.csv", b"left,right\na,w\na,x\n").unwrap_err();
    assert!(told.to_string().contains("this left already has a place"), "{told}");
}

#[test]
fn grades_count_from_the_best_of_each_left() {
    let raw = plain(EDGES);
    let worths = |step| Rule::Leximin { step }.worths(&raw);
    assert_eq!(worths(1).grades(), [0, 4, 0, 0, 0]);
    assert_eq!(worths(3).grades(), [0, 1, 0, 0, 0]);
    assert_eq!(grades(&worths(3)), [0, 1]);
    // 2^20 log2(1 + 9) = 3483293.6...
    assert_eq!(Rule::Nash.worths(&raw).gains()[0], 3_483_294);
    assert_eq!(Rule::RankMaximal.worths(&raw).grades(), [1, 2, 1, 1, 1]);
}

#[test]
fn leximin_takes_values_as_they_are_where_they_are_few() {
    let settle = |count: u32| {
        let rows: String = (0..count)
            .map(|at| format!("a,w{at:04},{}\n", 9_000 - at))
            .collect::<Vec<_>>()
            .concat();
        let rights: String =
            (0..count).map(|at| format!("w{at:04},1\n")).collect::<Vec<_>>().concat();
        let raw = read(
            &format!("left,right,score\n{rows}"),
            &format!("right,capacity\n{rights}"),
            Demand::Each(1),
        );
        Rule::settle(&Asked::plain(Objective::Leximin), &raw.unwrap()).unwrap()
    };
    assert_eq!(settle(100), Rule::Leximin { step: 1 });
    assert_eq!(settle(101), Rule::Leximin { step: WIDE_STEP });
}

#[test]
fn lots_follow_from_the_seed_and_the_ids_alone() {
    let raw = plain(EDGES);
    let order = |seed| Rule::Serial { seed }.order(&raw);
    assert_eq!(order(3), order(3));
    assert!((0..20).any(|seed| order(seed) != order(3)));
    assert_eq!(Rule::FirstCome.order(&raw), [Left(0), Left(1), Left(2)]);
    let keys = Rule::RandomEligible { seed: 7 }.keys(&raw);
    let own = peermatch_core::draw::key("random-eligible", 7, "a", "x");
    assert_eq!(keys.cost(Left(0), Right(1)), i32::try_from(own).ok());
}

#[test]
fn every_objective_goes_with_its_own_options_alone() {
    let raw = plain(EDGES);
    for &objective in Objective::ALL {
        let settled = Rule::settle(&Asked::plain(objective), &raw);
        if objective == Objective::Coordinator {
            assert!(settled.unwrap_err()[0].contains("raw edges have no people"));
            continue;
        }
        assert_eq!(settled.unwrap().objective(), objective);
        let with = |asked: Asked| Rule::settle(&asked, &raw).is_ok();
        let plain = Asked::plain(objective);
        let draws = matches!(objective, Objective::Serial | Objective::RandomEligible);
        assert_eq!(with(Asked { seed: Some(1), ..plain }), draws, "{objective}");
        let graded = matches!(objective, Objective::MaxMin | Objective::Leximin);
        assert_eq!(with(Asked { grade_step: Some(5), ..plain }), graded, "{objective}");
        let proposed = Asked { proposing: Some(Proposing::Rights), ..plain };
        assert_eq!(with(proposed), objective == Objective::Stable, "{objective}");
        let fair = graded || objective == Objective::Nash;
        let best = objective == Objective::BestTotal;
        assert_eq!(
            with(Asked { coverage: Some(Coverage::Most), ..plain }),
            fair || best,
            "{objective}"
        );
        assert_eq!(with(Asked { coverage: Some(Coverage::Total), ..plain }), best, "{objective}");
        // What a problem has that a rule does not know.
        let staged = fair || best || objective == Objective::RankMaximal;
        let several = read(EDGES, CAPACITIES, Demand::Each(2)).unwrap();
        assert_eq!(Rule::settle(&plain, &several).is_ok(), staged, "{objective}");
        let least = read(EDGES, "right,capacity,minimum\nw,1,0\nx,2,1\n", Demand::Each(1)).unwrap();
        let settled = Rule::settle(&plain, &least);
        assert_eq!(settled.is_ok(), staged, "{objective}");
        if let Err(why) = settled {
            assert!(why[0].contains("`x` must have at least 1"), "{why:?}");
        }
        let unscored = self::plain("left,right,left_rank,right_rank\na,w,1,2\nb,w,1,1\n");
        let ordinal = draws || matches!(objective, Objective::Stable | Objective::RankMaximal);
        assert_eq!(Rule::settle(&plain, &unscored).is_ok(), ordinal, "{objective}");
    }
    // All reasons at once.
    let asked = Asked {
        seed: Some(1),
        proposing: Some(Proposing::Lefts),
        grade_step: Some(2),
        coverage: Some(Coverage::Total),
        ..Asked::plain(Objective::Nash)
    };
    assert_eq!(Rule::settle(&asked, &raw).unwrap_err().len(), 4);
    let asked = Asked { per_person: true, ..asked };
    assert_eq!(Rule::settle(&asked, &raw).unwrap_err().len(), 5);
    let asked = Asked { per_person: true, ..Asked::plain(Objective::MaxMin) };
    assert_eq!(Rule::settle(&asked, &raw), Ok(Rule::PerPerson));
}

fn certificates(raw: &RawProblem) -> Vec<Certificate> {
    let prices = |w, x| Prices::new(vec![w, x]);
    let stages = vec![Stage::Served, Stage::NoneAbove(3), Stage::Cost];
    let chain = Chain {
        prices: vec![prices(1, 0), prices(0, 0), prices(-5, i64::from(u32::MAX) * 1_000_003)],
        witness: Some(prices(0, 2)),
    };
    assert_eq!(raw.rights().len(), 2);
    let leaf = |multiplier, price| Step::Leaf {
        multipliers: (0..raw.lefts().len())
            .map(|left| if left == 1 { multiplier } else { 0 })
            .collect(),
        prices: vec![0, price],
    };
    let steps = vec![Step::Split(Left(0), Right(1)), leaf(1 << 48, -3), leaf(0, 0)];
    let split = SideProof { scale: 1 << 20, steps };
    vec![
        Certificate { rule: Rule::MaxMin { step: 2 }, proof: Proof::Stages { chain, stages } },
        Certificate {
            rule: Rule::Stable { proposing: Proposing::Rights },
            proof: Proof::Largest(prices(1, 0)),
        },
        Certificate { rule: Rule::Serial { seed: u64::MAX }, proof: Proof::None },
        Certificate { rule: Rule::FirstCome, proof: Proof::None },
        Certificate {
            rule: Rule::PerPerson,
            proof: Proof::Sums { largest: prices(1, 0), bound: Some((7, split)) },
        },
        Certificate {
            rule: Rule::PerPerson,
            proof: Proof::Sums { largest: prices(0, 0), bound: None },
        },
    ]
}

#[test]
fn certificates_come_back_as_written() {
    let raw = plain(EDGES);
    for certificate in certificates(&raw) {
        let bytes = write_certificate_document(&raw, &certificate);
        assert!(is_document(&bytes));
        assert_eq!(read_certificate_document(&raw, "z.json", &bytes).unwrap(), certificate);
    }
    assert!(!is_document(b"right,price\nw,1\n"));
}

#[test]
fn the_document_is_as_published() {
    let raw = plain(EDGES);
    let bytes = write_certificate_document(&raw, &certificates(&raw)[0]);
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{
  "format": "peermatch/certificate@1",
  "objective": "max-min",
  "grade_step": 2,
  "stages": [
    {
      "stage": "served",
      "prices": {
        "w": "1"
      }
    },
    {
      "stage": {
        "none-above": 3
      },
      "prices": {}
    },
    {
      "stage": "cost",
      "prices": {
        "w": "-5",
        "x": "4294980179901885"
      }
    }
  ],
  "witness": {
    "x": "2"
  }
}
"#
    );
}

#[test]
fn every_fault_of_a_certificate_is_told_with_its_place() {
    let raw = plain(EDGES);
    let told = |text: &str| {
        let faults = read_certificate_document(&raw, "z.json", text.as_bytes()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let many = told(
        "{\n \"format\": \"peermatch/certificate@2\",\n \"objective\": \"leximin\",\n \"sed\": 1,\n \"grade_step\": -1,\n \"stages\": [\n  {\"stage\": \"serve\", \"prices\": {\"w\": 1, \"z\": \"2\", \"x\": \"+3\"}},\n  {\"stage\": \"cost\"},\n  7\n ],\n \"largest\": {}\n}",
    );
    for says in [
        "z.json:2:12: `peermatch/certificate@2`: not the format",
        "z.json:4:9: `sed` is not a known name here. Fix: did you mean `seed`?",
        "z.json:5:16: `-1`",
        "z.json:7:13: `serve`: not a stage",
        "z.json:7:38: `1`: not a price",
        "`z`: there is no such right",
        "`+3`: not a price",
        "z.json:8:3: prices are missing",
        "z.json:9:3: not a stage",
        "z.json:11:13: leximin has no `largest`",
    ] {
        assert!(many.iter().any(|fault| fault.contains(says)), "{says}\n{many:#?}");
    }
    let one = |text: &str, says: &str| {
        let all = told(text).join("\n");
        assert!(all.contains(says), "{says}\n{all}");
    };
    let head = "\"format\": \"peermatch/certificate@1\"";
    one("{", "not valid JSON");
    one("[]", "not a document");
    one(&format!("{{{head}, \"objective\": \"best\"}}"), "write one of best-total, max-min");
    one(&format!("{{{head}, \"objective\": \"best-total\"}}"), "give the CSV right,price");
    one(&format!("{{{head}, \"objective\": \"coordinator\"}}"), "raw edges have no people");
    let sums = |more: &str| {
        format!(
            "{{{head}, \"objective\": \"max-min\", \"per_person\": true, \"largest\": {{}}{more}}}"
        )
    };
    for (more, says) in [
        (", \"bound\": 3", "fairness per person needs `scale`"),
        (", \"bound\": -3, \"scale\": 1, \"steps\": []", "`-3`: not a number"),
        (", \"bound\": 3, \"scale\": 1048577, \"steps\": []", "`1048577`: not a number"),
        (", \"bound\": 3, \"scale\": 1, \"steps\": {}", "not a list of steps"),
        (", \"bound\": 3, \"scale\": 1, \"steps\": [3]", "not a step"),
        (", \"bound\": 3, \"scale\": 1, \"steps\": [{}]", "not a step"),
        (
            ", \"bound\": 3, \"scale\": 1, \"steps\": [{\"split\": [\"a\", \"nobody\"]}]",
            "not a left and a right of this problem",
        ),
        (
            ", \"bound\": 3, \"scale\": 1, \"steps\": [{\"multipliers\": {\"a\": \"-1\"}, \"prices\": {}}]",
            "`-1`: not a multiplier. Fix: write a whole number from 0 to 281474976710656, in quotes",
        ),
        (
            ", \"bound\": 3, \"scale\": 1, \"steps\": [{\"multipliers\": {\"nobody\": \"1\"}, \"prices\": {}}]",
            "there is no such left among the edges",
        ),
        (", \"stages\": []", "max-min per person has no `stages`"),
        (", \"witness\": {}", "max-min per person has no `witness`"),
        (", \"grade_step\": 1", "knows no grades"),
    ] {
        one(&sums(more), says);
    }
    one(
        &format!("{{{head}, \"objective\": \"max-min\", \"per_person\": true}}"),
        "fairness per person needs `largest`",
    );
    one(
        &format!("{{{head}, \"objective\": \"nash\", \"per_person\": 1}}"),
        "`1`: not true. Fix: write true, or take it away",
    );
    one(&format!("{{{head}, \"objective\": \"serial\"}}"), "serial needs `seed`");
    one(&format!("{{{head}, \"objective\": \"stable\"}}"), "stable needs `proposing`");
    one(
        &format!("{{{head}, \"objective\": \"leximin\", \"stages\": []}}"),
        "leximin needs `grade_step`",
    );
    one(&format!("{{{head}, \"objective\": \"nash\"}}"), "a list of stages is missing");
    one(&format!("{{{head}, \"objective\": \"greedy\", \"seed\": 1}}"), "greedy draws no lots");
    one(
        &format!("{{{head}, \"objective\": \"greedy\", \"witness\": {{}}}}"),
        "greedy has no `witness`",
    );
    one(
        &format!("{{{head}, \"objective\": \"serial\", \"seed\": 1, \"seed\": 2}}"),
        "this key stands twice",
    );
    let beyond = peermatch_assignment::PRICE_MAX + 1;
    one(
        &format!(
            "{{{head}, \"objective\": \"stable\", \"proposing\": \"lefts\", \"largest\": {{\"w\": \"{beyond}\"}}}}"
        ),
        "not a price",
    );
}
