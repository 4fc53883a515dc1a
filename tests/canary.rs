//! Random questions by everybody about everything: no answer holds a marker that the caller may not see, and the log
//! holds none at all.
//!
//! Most questions are asked without a wire between, of the served schema with the caller laid in as the transport does
//! it; some hundred a role go over HTTP. Twenty root fields share a document, and each is one question; those that the
//! caller is refused are asked alone, because their error takes the rest of the answer with it. The seed is
//! printed; `LIANSHEN_CANARY_SEED` repeats a run, `LIANSHEN_CANARY_QUERIES` says how many questions a role asks,
//! of which few prove nothing of what they did not find. Chance reads more in some runs than in others: who has been told too
//! little by then asks on.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use async_graphql::parser::types::{BaseType, FieldDefinition, Type};
use futures_util::future::join_all;
use lianshen_domain::actor::Actor;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::contract::{Contract, name_of};
use crate::support::{each_db, number};
use crate::two_centres::{Marker, PEOPLE, Readers, TwoCentres};

/// Questions that go into one document.
const TOGETHER: usize = 20;
const OVER_HTTP: usize = 200;
const DEPTH: usize = 6;
/// Questions of a role from which on it must have been told most of what it may read.
const ENOUGH: usize = 10_000;
/// How often the questions are asked over, at most, by those who have not.
const ASKING_ON: usize = 4;

each_db! {
    async fn nobody_is_told_what_is_not_theirs(app: TestApp) {
        let seed = number("LIANSHEN_CANARY_SEED").unwrap_or_else(rand::random);
        let questions = number("LIANSHEN_CANARY_QUERIES").map_or(20_000, |number| usize::try_from(number).unwrap());
        eprintln!("LIANSHEN_CANARY_SEED={seed}");
        let world = Arc::new(TwoCentres::build(app).await);
        let contract = Arc::new(Contract::read(&lianshen::graphql::sdl(&world.served)));
        let pool = Arc::new(Pool::of(&world));

        let mut asking = Vec::new();
        for (place, name) in PEOPLE.iter().map(|name| Some(*name)).chain([None]).enumerate() {
            let actor = match name {
                Some(name) => Some(world.actor(name).await),
                None => None,
            };
            let random = StdRng::seed_from_u64(seed.wrapping_add(place as u64));
            let asker = Asker { world: world.clone(), contract: contract.clone(), pool: pool.clone(), name, actor, random, closed: HashSet::new() };
            asking.push(tokio::spawn(asker.ask(questions)));
        }
        let mut seen_by_somebody = HashSet::new();
        for told in join_all(asking).await {
            let told = told.unwrap();
            eprintln!("{}: {} questions, {} documents refused whole, {} markers read of {}",
                told.who, told.questions, told.refused, told.found, told.permitted);
            assert!(told.refused * 10 < told.documents + 100, "too many documents were refused before they were executed: {:?}", told.refusal);
            assert!(told.leaks.is_empty(), "seed {seed}, {}:\n{}", told.who, told.leaks.join("\n"));
            assert!(questions < ENOUGH || told.suffices(), "{} was told too little to prove anything: {:?}", told.who, told.unread);
            seen_by_somebody.extend(told.read);
        }
        // What nobody could find would prove nothing.
        assert!(seen_by_somebody.len() > 100, "{}", seen_by_somebody.len());
        for line in world.app.log.lines() {
            let told = tokens(&line).find(|token| pool.personal.contains(*token));
            assert!(told.is_none(), "the log tells {told:?}: {line}");
        }
    }
}

/// What can stand in an answer as one word.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|token| token.len() >= 6)
}

/// What arguments are drawn from: everything that exists, whoever may see it.
struct Pool {
    ids: Vec<String>,
    codes: Vec<String>,
    /// A day is asked of a department: one that there is not takes the whole answer with it.
    departments: Vec<String>,
    texts: Vec<String>,
    receipts: Vec<String>,
    names: Vec<String>,
    /// Names and reasons, which belong into no log.
    personal: HashSet<String>,
}

impl Pool {
    fn of(world: &TwoCentres) -> Self {
        use lianshen_domain::ids::{self, Id as _};
        macro_rules! wire {
            ($rows:ident, $id:ident) => {
                world.$rows.iter().map(|row| ids::$id::new(row.id).wire())
            };
        }
        let mut found: Vec<String> = Vec::new();
        found.extend(wire!(applications, ApplicationId));
        found.extend(wire!(cases, CaseId));
        found.extend(wire!(reviews, ReviewId));
        found.extend(wire!(visits, VisitId));
        // The kinds that are asked about by themselves come thrice as often as the rest; and applications once more, for
        // much stands in them alone.
        found.extend(found.clone());
        found.extend(wire!(applications, ApplicationId));
        found.extend(wire!(documents, DocumentId));
        found.extend(wire!(materials, MaterialId));
        found.extend(wire!(accounts, AccountId).take(20));
        let mut codes: Vec<String> = world.cases.iter().map(|row| row.item.clone()).collect();
        let departments = world.cases.iter().map(|row| row.department.clone());
        let departments: Vec<String> = departments.collect();
        codes.extend(departments.clone());
        codes.extend(["YJS-001", "YJS-007", "YJS-002", "A01", "A02"].map(str::to_owned));
        // Never a whole marker, so that an echo of the question is no answer.
        let part = |text: &str| text.get(1..text.len() - 1).map(str::to_owned);
        let mut texts: Vec<String> = world
            .markers
            .iter()
            .filter_map(|marker| part(&marker.text))
            .collect();
        texts.extend(["餐饮", "许可", "理由", "%", "_", "!"].map(str::to_owned));
        let personal = world
            .markers
            .iter()
            .map(|marker| marker.text.clone())
            .filter(|text| text.starts_with("mk"));
        Self {
            ids: found,
            codes,
            departments,
            texts,
            receipts: world
                .applications
                .iter()
                .map(|row| row.receipt_number.clone())
                .collect(),
            names: world.accounts.iter().map(|row| row.name.clone()).collect(),
            personal: personal.collect(),
        }
    }
}

/// What came of somebody's questions.
struct Told {
    who: &'static str,
    questions: usize,
    documents: usize,
    refused: usize,
    refusal: Option<String>,
    read: HashSet<String>,
    unread: Vec<String>,
    permitted: usize,
    /// How many of these were read.
    found: usize,
    leaks: Vec<String>,
}

impl Told {
    /// Whether so much was read that what was not found is no accident.
    fn suffices(&self) -> bool {
        self.found * 10 >= self.permitted * 8
    }

    /// Whether there is more to ask.
    fn asks_on(&self, questions: usize) -> bool {
        let owed = questions >= ENOUGH && !self.suffices() && self.leaks.is_empty();
        self.questions < questions || owed && self.questions < questions * ASKING_ON
    }
}

struct Asker {
    world: Arc<TwoCentres>,
    contract: Arc<Contract>,
    pool: Arc<Pool>,
    name: Option<&'static str>,
    actor: Option<Actor>,
    random: StdRng,
    /// Root fields that answered an error instead of null.
    closed: HashSet<String>,
}

impl Asker {
    async fn ask(mut self, questions: usize) -> Told {
        let world = self.world.clone();
        let may_read = |marker| {
            self.actor
                .as_ref()
                .is_some_and(|actor| world.may_read(actor, marker))
        };
        // What is said on visits, in mediations and of missing material stands so deep that chance alone seldom finds it; the
        // matrix shows that it is there for whom it is. A leak of it is one all the same.
        let is_deep = |marker: &Marker| {
            matches!(
                marker.readers,
                Readers::Together(..) | Readers::Missed(..) | Readers::Mediating(..)
            )
        };
        let deep: HashSet<&str> = world
            .markers
            .iter()
            .filter(|marker| is_deep(marker))
            .map(|marker| marker.text.as_str())
            .collect();
        let permitted: HashMap<&str, (bool, &str)> = world
            .markers
            .iter()
            .map(|marker| {
                (
                    marker.text.as_str(),
                    (may_read(marker), marker.what.as_str()),
                )
            })
            .collect();
        let client = self
            .name
            .map_or_else(|| world.app.nobody(), |name| world.app.as_(name));
        let mut told = Told {
            who: self.name.unwrap_or("nobody"),
            questions: 0,
            documents: 0,
            refused: 0,
            refusal: None,
            read: HashSet::new(),
            unread: Vec::new(),
            permitted: permitted
                .iter()
                .filter(|(text, (may, _))| *may && !deep.contains(*text))
                .count(),
            found: 0,
            leaks: Vec::new(),
        };
        while told.asks_on(questions) {
            let (document, count) = self.document();
            let answer = if told.questions < OVER_HTTP {
                client.query(&document, json!({})).await.body
            } else {
                serde_json::to_value(world.ask(self.actor.as_ref(), &document).await).unwrap()
            };
            told.questions += count;
            told.documents += 1;
            if answer["data"].is_null() && count > 1 {
                told.refused += 1;
                told.refusal = Some(format!("{}\n{document}", answer["errors"][0]));
                self.close(&answer, &document);
            }
            let text = answer.to_string();
            for token in tokens(&text) {
                match permitted.get(token) {
                    Some((true, _)) => {
                        let is_new = told.read.insert(token.to_owned());
                        told.found += usize::from(is_new && !deep.contains(token));
                    }
                    Some((false, what)) if told.leaks.len() < 3 => {
                        told.leaks.push(format!(
                            "{what} ({token}) in the answer to\n{document}\n{text}"
                        ));
                    }
                    _ => {}
                }
            }
        }
        let unread = permitted
            .iter()
            .filter(|(text, (may, _))| *may && !told.read.contains(**text));
        told.unread = unread
            .map(|(text, (_, what))| format!("{what} {text}"))
            .collect();
        told
    }

    /// Remembers the root field whose error took the answer with it.
    fn close(&mut self, answer: &Value, document: &str) {
        for error in answer["errors"].as_array().into_iter().flatten() {
            let refused = matches!(
                error["extensions"]["code"].as_str(),
                Some("FORBIDDEN" | "UNAUTHENTICATED")
            );
            if let (true, Some(alias)) = (refused, error["path"][0].as_str()) {
                let at = document.find(&format!(" {alias}: ")).unwrap() + alias.len() + 3;
                let name: String = document[at..]
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                if self
                    .contract
                    .fields("Query")
                    .iter()
                    .any(|field| field.name.node == name && !field.ty.node.nullable)
                {
                    self.closed.insert(name);
                }
            }
        }
    }

    /// A document, and how many questions it holds.
    fn document(&mut self) -> (String, usize) {
        let contract = self.contract.clone();
        let roots = contract.fields("Query");
        // What is published is public: it is asked for, but not as often as what is not.
        let (private, public): (Vec<_>, Vec<_>) = roots.into_iter().partition(|field| {
            !matches!(
                field.name.node.as_str(),
                "guide" | "item" | "items" | "bundle" | "bundles" | "departments"
            )
        });
        let mut document = "{".to_owned();
        let mut count = 0;
        while count < TOGETHER {
            let field = if self.random.random_bool(0.99) {
                private.choose(&mut self.random)
            } else {
                public.choose(&mut self.random)
            };
            let field = *field.unwrap();
            let closed = self.closed.contains(field.name.node.as_str());
            if closed && (count > 0 || self.random.random_bool(0.7)) {
                continue;
            }
            write!(document, " q{count}: ").unwrap();
            count += 1;
            let mut room = 7;
            self.field(&mut document, field, 1, &mut room);
            if closed {
                break;
            }
        }
        document.push_str(" }");
        (document, count)
    }

    fn field(
        &mut self,
        document: &mut String,
        field: &FieldDefinition,
        depth: usize,
        room: &mut usize,
    ) {
        let contract = self.contract.clone();
        document.push_str(&field.name.node);
        let paged = field
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == "last");
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            let argument = &argument.node;
            let name = argument.name.node.as_str();
            let required = !argument.ty.node.nullable && argument.default_value.is_none();
            match name {
                "first" => {
                    let most = if depth == 1 { 8 } else { 3 };
                    arguments.push(format!("first: {}", self.random.random_range(1..=most)));
                }
                "last" | "before" | "after" if paged => {}
                _ if required || self.random.random_bool(0.4) => {
                    arguments.push(format!("{name}: {}", self.value(name, &argument.ty.node)));
                }
                _ => {}
            }
        }
        if !arguments.is_empty() {
            write!(document, "({})", arguments.join(", ")).unwrap();
        }
        let inner = name_of(&field.ty.node);
        if !contract.is_leaf(inner) {
            self.selection(document, inner, depth + 1, room);
        }
    }

    fn selection(&mut self, document: &mut String, name: &str, depth: usize, room: &mut usize) {
        let contract = self.contract.clone();
        document.push_str(" { __typename");
        for possible in contract.possible(name) {
            // Fields of the same name must be of the same type, so one kind at a time.
            if self.random.random_bool(0.4) {
                write!(document, " ... on {possible}").unwrap();
                self.selection(document, possible, depth, room);
                break;
            }
        }
        let fields = contract.fields(name);
        // `nodes` and `edges` are on the way, not what is asked for.
        let through = fields
            .iter()
            .any(|field| matches!(field.name.node.as_str(), "nodes" | "edges"));
        for field in fields {
            let leaf = contract.is_leaf(name_of(&field.ty.node));
            // What is published is the same for all: one look into it is enough.
            let published = matches!(
                name_of(&field.ty.node),
                "Item"
                    | "Bundle"
                    | "Department"
                    | "Limit"
                    | "Deadline"
                    | "CalendarDay"
                    | "CalendarNotice"
            );
            let chance = match (leaf, through) {
                _ if published => 0.06,
                (true, _) => 0.35,
                (false, true) => 0.6,
                (false, false) => 0.25,
            };
            if *room > 0 && (leaf || depth < DEPTH) && self.random.random_bool(chance) {
                *room -= 1;
                document.push(' ');
                self.field(document, field, depth, room);
            }
        }
        document.push_str(" }");
    }

    fn value(&mut self, name: &str, ty: &Type) -> String {
        let inner = match &ty.base {
            BaseType::List(inner) => {
                let count = self.random.random_range(1..=2);
                let values: Vec<String> = (0..count).map(|_| self.value(name, inner)).collect();
                return format!("[{}]", values.join(", "));
            }
            BaseType::Named(inner) => inner.to_string(),
        };
        let contract = self.contract.clone();
        let values = contract.values(&inner);
        if let Some(value) = values.choose(&mut self.random) {
            return (*value).to_owned();
        }
        let inputs = contract.inputs(&inner);
        if !inputs.is_empty() {
            let mut fields = Vec::new();
            for input in inputs {
                if !input.ty.node.nullable || self.random.random_bool(0.3) {
                    fields.push(format!(
                        "{}: {}",
                        input.name.node,
                        self.value(&input.name.node, &input.ty.node)
                    ));
                }
            }
            return format!("{{{}}}", fields.join(", "));
        }
        let pool = self.pool.clone();
        let of =
            |random: &mut StdRng, from: &Vec<String>| format!("{:?}", from.choose(random).unwrap());
        match (inner.as_str(), name) {
            ("ID", _) => of(&mut self.random, &pool.ids),
            ("Boolean", _) => self.random.random_bool(0.5).to_string(),
            ("Int", _) => self.random.random_range(1..=20).to_string(),
            // The last day of a span is never before its first.
            ("Date", "from") => format!("\"2026-02-0{}\"", self.random.random_range(1..=4)),
            ("Date", "to") => format!("\"2026-02-0{}\"", self.random.random_range(5..=9)),
            ("Date", _) => format!(
                "\"2026-0{}-0{}\"",
                self.random.random_range(2..=4),
                self.random.random_range(1..=9)
            ),
            ("DateTime", _) => {
                format!("\"2026-03-02T0{}:00:00Z\"", self.random.random_range(1..=2))
            }
            (_, "receiptNumber") => of(&mut self.random, &pool.receipts),
            (_, "text") => of(&mut self.random, &pool.texts),
            (_, "queryCode") => "\"AAAAAAAA\"".to_owned(),
            (_, "departmentCode") => of(&mut self.random, &pool.departments),
            (_, "afterName") => of(&mut self.random, &pool.names),
            _ => of(&mut self.random, &pool.codes),
        }
    }
}
