//! A transaction over either database.

use std::time::Duration;

use certvigil_model::{
    Delivery, EndpointId, Fingerprint, Incident, IncidentKey, Notice, Observation, Record,
    RoundRecord, Sighting, Time,
};

use crate::sql::Sql;
use crate::tables::leases::Outbox;
use crate::tables::{
    bodies, certificates, chains, deliveries, documents, incidents, leases, notices, rounds,
    sightings,
};
use crate::{Body, Chained, Error, Head, Instance, Recorded, Retention, Transaction, retention};

/// What is read and written goes straight to the database; records wait for the end.
pub(crate) struct Writing<'a, S> {
    sql: S,
    instance: &'a Instance,
    now: Time,
    records: Vec<Record>,
}

impl<'a, S: Sql> Writing<'a, S> {
    pub(crate) const fn new(sql: S, instance: &'a Instance, now: Time) -> Self {
        Self { sql, instance, now, records: Vec::new() }
    }

    /// Puts the records at the end of this writer's chain: to be called last, before the commit.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        chains::append(&mut self.sql, self.instance, self.now, &self.records)
    }
}

impl<S: Sql> Transaction for Writing<'_, S> {
    fn sightings(&mut self) -> Result<Vec<Sighting>, Error> {
        sightings::open(&mut self.sql)
    }

    fn history(&mut self, endpoint: EndpointId) -> Result<Vec<Sighting>, Error> {
        sightings::history(&mut self.sql, endpoint)
    }

    fn observe(
        &mut self,
        round: &RoundRecord,
        observations: &[Observation],
    ) -> Result<Recorded, Error> {
        sightings::observe(&mut self.sql, round, observations)
    }

    fn rounds(&mut self, most: usize) -> Result<Vec<RoundRecord>, Error> {
        rounds::last(&mut self.sql, most)
    }

    fn keep_certificate(&mut self, der: &[u8]) -> Result<bool, Error> {
        certificates::keep(&mut self.sql, der, self.now)
    }

    fn keep_certificates(&mut self, ders: &[&[u8]]) -> Result<u64, Error> {
        certificates::keep_all(&mut self.sql, ders, self.now)
    }

    fn certificate(&mut self, sha256: Fingerprint) -> Result<Option<Vec<u8>>, Error> {
        certificates::get(&mut self.sql, sha256)
    }

    fn incidents(&mut self, since: Time) -> Result<Vec<Incident>, Error> {
        incidents::since(&mut self.sql, since)
    }

    fn incident(&mut self, key: &IncidentKey) -> Result<Option<Incident>, Error> {
        incidents::get(&mut self.sql, key)
    }

    fn put_incident(&mut self, incident: &Incident) -> Result<(), Error> {
        incidents::put(&mut self.sql, incident)
    }

    fn open_deliveries(&mut self) -> Result<Vec<Delivery>, Error> {
        deliveries::open(&mut self.sql)
    }

    fn deliveries_of(&mut self, key: &IncidentKey) -> Result<Vec<Delivery>, Error> {
        deliveries::of(&mut self.sql, key)
    }

    fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), Error> {
        deliveries::put(&mut self.sql, delivery)
    }

    fn claim(&mut self, delivery: &str, lease: Duration) -> Result<bool, Error> {
        leases::claim(&mut self.sql, Outbox::Deliveries, delivery, lease)
    }

    fn release(&mut self, delivery: &str) -> Result<(), Error> {
        leases::release(&mut self.sql, Outbox::Deliveries, delivery)
    }

    fn open_notices(&mut self) -> Result<Vec<Notice>, Error> {
        notices::open(&mut self.sql)
    }

    fn notices_of(&mut self, key: &IncidentKey) -> Result<Vec<Notice>, Error> {
        notices::of(&mut self.sql, key)
    }

    fn put_notice(&mut self, notice: &Notice) -> Result<(), Error> {
        notices::put(&mut self.sql, notice)
    }

    fn claim_notice(&mut self, notice: &str, lease: Duration) -> Result<bool, Error> {
        leases::claim(&mut self.sql, Outbox::Notices, notice, lease)
    }

    fn release_notice(&mut self, notice: &str) -> Result<(), Error> {
        leases::release(&mut self.sql, Outbox::Notices, notice)
    }

    fn document(&mut self, name: &str) -> Result<Option<String>, Error> {
        documents::get(&mut self.sql, name)
    }

    fn put_document(&mut self, name: &str, text: &str) -> Result<(), Error> {
        documents::put(&mut self.sql, name, text)
    }

    fn remove_document(&mut self, name: &str) -> Result<(), Error> {
        documents::remove(&mut self.sql, name)
    }

    fn record(&mut self, record: &Record) -> Result<(), Error> {
        self.records.push(record.clone());
        Ok(())
    }

    fn journal(
        &mut self,
        instance: &Instance,
        first: u64,
        most: usize,
    ) -> Result<Vec<Chained>, Error> {
        chains::read(&mut self.sql, instance, first, most)
    }

    fn journal_of(&mut self, incident: &IncidentKey) -> Result<Vec<Chained>, Error> {
        chains::of_incident(&mut self.sql, incident)
    }

    fn heads(&mut self) -> Result<Vec<Head>, Error> {
        chains::heads(&mut self.sql)
    }

    fn put_body(&mut self, body: &Body) -> Result<Fingerprint, Error> {
        bodies::put(&mut self.sql, body, self.now)
    }

    fn body(&mut self, sha256: Fingerprint) -> Result<Option<String>, Error> {
        bodies::get(&mut self.sql, sha256)
    }

    fn prune(&mut self, retention: &Retention, now: Time) -> Result<Vec<String>, Error> {
        retention::prune(&mut self.sql, retention, now)
    }
}
