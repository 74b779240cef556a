-- Which version a plan's parent was when the plan was taken: its number may be given again. Null without a parent, and of plans that
-- were taken before this was noted.
alter table trainings add column parent_digest varchar(64);
