-- For H2 and PostgreSQL alike.

-- One row is the truth about a training. Every change of it raises its revision; every run of it raises its attempt.
create table trainings (
    id varchar(64) primary key,
    status varchar(16) not null,
    model varchar(64) not null,
    plan text not null,
    dataset_digest varchar(64) not null,
    revision bigint not null,
    attempt int not null,
    deaths int not null,
    worker varchar(255),
    epochs int not null,
    epoch int not null,
    steps_per_epoch int not null,
    step int not null,
    loss double precision,
    recon_loss double precision,
    reg_loss double precision,
    images_per_second double precision,
    seconds_left double precision,
    failure text,
    reserved_version int,
    version int,
    created timestamp with time zone not null,
    started timestamp with time zone,
    updated timestamp with time zone not null,
    ended timestamp with time zone
);
create index trainings_created on trainings (created, id);
create index trainings_status on trainings (status);

create table training_epochs (
    training_id varchar(64) not null references trainings (id) on delete cascade,
    epoch int not null,
    revision bigint not null,
    loss double precision not null,
    recon_loss double precision not null,
    reg_loss double precision not null,
    validation_loss double precision,
    validation_recon_loss double precision,
    validation_reg_loss double precision,
    seconds double precision not null,
    images_per_second double precision not null,
    ended timestamp with time zone not null,
    primary key (training_id, epoch)
);

-- The queue and its leases, as db-scheduler 16 wants them.
create table scheduled_tasks (
    task_name varchar(100) not null,
    task_instance varchar(100) not null,
    task_data bytea,
    execution_time timestamp with time zone not null,
    picked boolean not null,
    picked_by varchar(255),
    last_success timestamp with time zone,
    last_failure timestamp with time zone,
    consecutive_failures int,
    last_heartbeat timestamp with time zone,
    version bigint not null,
    priority smallint,
    primary key (task_name, task_instance)
);
create index scheduled_tasks_execution_time on scheduled_tasks (execution_time);
create index scheduled_tasks_last_heartbeat on scheduled_tasks (last_heartbeat);
