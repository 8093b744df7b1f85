//! What links by which somebody is on it lead to.

use certvigil_alarm::{Event, Order, State, asked_tests};
use certvigil_model::{Foreign, Incident, Status};
use certvigil_report::AnswerPage;
use certvigil_report::issue::{self, Context};

use super::Wake;
use super::desk::{Desk, lock};
use crate::act::{Memory as _, MemoryError};
use crate::answers::{About, Answer, Answers, channel_mark, test_mark};

impl Desk {
    /// What stands behind the link whose last part is `token`. Nothing is changed by looking.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn answer_page(&self, token: &str) -> Result<AnswerPage, MemoryError> {
        Ok(match self.asked(token)? {
            Ok((_, page)) => page,
            Err(why) => AnswerPage::Nothing { why },
        })
    }

    /// Takes it on, for whoever the link was sent to.
    ///
    /// # Errors
    /// The store cannot be written: then nothing was taken on.
    pub fn answer(&self, token: &str) -> Result<AnswerPage, MemoryError> {
        let (order, page) = match self.asked(token)? {
            Ok(asked) => asked,
            Err(why) => return Ok(AnswerPage::Nothing { why }),
        };
        let AnswerPage::Open { title, .. } = page else { return Ok(page) };
        let rules = lock(&self.rules).clone();
        let now = self.clock.wall();
        let step = lock(&self.orders).kept.step(&Event::Order(order.clone()), now, &rules)?;
        let _ = self.wakes.send(Wake::Ordered);
        let mut said: Vec<String> = step.heard.into_iter().map(|heard| heard.text).collect();
        said.extend(taken(&step.state, &order));
        Ok(AnswerPage::Taken { title, said })
    }

    /// The order that the button gives, and the page before it; else why there is none.
    fn asked(&self, token: &str) -> Result<Result<(Order, AnswerPage), String>, MemoryError> {
        let now = self.clock.wall();
        let answers: Option<Answers> = lock(&self.answers).clone();
        let Some(answers) = answers else {
            return Ok(Err("this certvigil makes no such links".to_owned()));
        };
        let Answer { about, channel, .. } = match answers.read(token, now) {
            Ok(answer) => answer,
            Err(why) => return Ok(Err(why.to_string())),
        };
        let who = self.named(channel);
        let state = lock(&self.orders).kept.state(now)?;
        let by = Foreign::new(format!("{who}, by its link"));
        Ok(match about {
            About::Incident(key) => match state.incidents.get(&key) {
                Some(incident) if incident.status == Status::Open => {
                    let page = open(incident, who, now);
                    Ok((Order::Acknowledge { incident: key, by, until: None }, page))
                }
                Some(_) => Err("it is over: nobody has to act any more".to_owned()),
                None => Err("what this was about is not remembered any more".to_owned()),
            },
            About::Test(mark) => match asked_tests(&state).find(|id| test_mark(id) == mark) {
                Some(id) => {
                    let title = "A test page of certvigil".to_owned();
                    let page = AnswerPage::Open { title, who, is_test: true, taken: None };
                    Ok((Order::Answered { test: id.to_owned(), by }, page))
                }
                None => Err("this test was answered, or its time is over".to_owned()),
            },
        })
    }

    /// Whom a link was sent to.
    fn named(&self, mark: [u8; 4]) -> String {
        let config = lock(&self.config).clone();
        let mut contacts = config.owners.iter().flat_map(crate::config::Owner::contacts);
        let found = contacts.find(|contact| channel_mark(&contact.name()) == mark);
        found.map_or_else(|| "somebody who was called".to_owned(), |contact| contact.name().0)
    }
}

fn open(incident: &Incident, who: String, now: certvigil_model::Time) -> AnswerPage {
    let taken = incident.acknowledged.as_ref().filter(|it| it.until > now);
    AnswerPage::Open {
        title: issue::title(incident, &Context::new(now, "")),
        who,
        is_test: false,
        taken: taken.map(|it| (it.by.clone(), it.until)),
    }
}

/// Until when, as the rules allow it.
fn taken(state: &State, order: &Order) -> Option<String> {
    let Order::Acknowledge { incident, .. } = order else {
        return Some("This way to call somebody works.".to_owned());
    };
    let taken = state.incidents.get(incident)?.acknowledged.as_ref()?;
    let by = taken.by.shown_within(120);
    Some(format!("{by} is on it until {}. Nobody else is called until then.", taken.until))
}
