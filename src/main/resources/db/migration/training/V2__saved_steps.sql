-- How far the furthest checkpoint is, in batches since the beginning: workers that die before a further one count together.
alter table trainings add column saved_steps bigint default 0 not null;
