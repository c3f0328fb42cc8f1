"""How the files of other systems become activities: tasks and events, calls and meetings (spec mappings.md)."""

from accounts.actions.activities import importing
from accounts.enums import Direction
from accounts.records.activity import ACTIVITY
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_DIRECTION = {
    "inbound": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "internal": Direction.OUTBOUND,
    "incoming_email": Direction.INBOUND,
    "forwarded_email": Direction.INBOUND,
    "email": Direction.OUTBOUND,
}

# Tasks and events in one: a file has the columns of one of them.
SALESFORCE = Mapping(
    name="salesforce",
    record_type="accounts.activity",
    system="salesforce",
    external_id="Id",
    also_external_id=("Activity ID", "Task ID", "Event ID"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Subject", "subject"),
        Column("TaskSubtype", "subtype", also=("Task Subtype", "EventSubtype", "Event Subtype")),
        Column("Type", "sort", also=("Activity Type",)),
        Column("Status", "status"),
        Column("CallDisposition", "disposition", also=("Call Result",)),
        Column("CallType", "direction", also=("Call Type",), values=_DIRECTION, fallback=Direction.OUTBOUND),
        Column("CallDurationInSeconds", "duration_s", also=("Call Duration", "Call Duration (seconds)")),
        Column("DurationInMinutes", "minutes", also=("Duration", "Duration (Minutes)")),
        Column("StartDateTime", "occurred_at", also=("Start", "Start Date Time", "Start Date/Time")),
        Column("ActivityDateTime", "occurred_at", also=("Due Date Time",)),
        Column("CompletedDateTime", "occurred_at", also=("Completed Date/Time",)),
        Column("ActivityDate", "occurred_at", also=("Due Date Only", "Date", "Due Date")),
        Column("EndDateTime", "ends_at", also=("End", "End Date Time", "End Date/Time")),
        Column("CreatedDate", "created_at", also=("Created Date",)),
        Column("Description", "body", also=("Comments", "Full Comments", "Description/Comments")),
        Column("WhoId", "who", also=("Name ID", "Contact/Lead ID", "Who ID")),
        Column("WhatId", "what", also=("Related To ID", "Opportunity/Account ID", "What ID")),
        Column("AccountId", "account", also=("Account ID",)),
        Column("OwnerId", "owner", also=("Assigned To ID", "Assigned", "Owner ID")),
    ),
)

HUBSPOT = Mapping(
    name="hubspot",
    record_type="accounts.activity",
    system="hubspot",
    external_id="engagement_id",
    also_external_id=("hs_object_id", "Record ID", "id", "Call ID", "Meeting ID"),
    skip_column="is_deleted",
    migration=True,
    columns=(
        Column(
            "title",
            "subject",
            also=(
                "hs_call_title",
                "property_hs_call_title",
                "hs_meeting_title",
                "property_hs_meeting_title",
                "Call Title",
                "Meeting name",
                "hs_email_subject",
                "property_hs_email_subject",
                "Email subject",
            ),
        ),
        Column("type", "subtype", also=("hs_activity_type", "Activity type", "engagement_type")),
        Column(
            "meeting_outcome",
            "disposition",
            also=(
                "hs_meeting_outcome",
                "property_hs_meeting_outcome",
                "Meeting outcome",
                "hs_call_disposition",
                "property_hs_call_disposition",
                "disposition",
                "Call outcome",
            ),
        ),
        Column(
            "hs_call_direction",
            "direction",
            also=(
                "property_hs_call_direction",
                "Call direction",
                "hs_email_direction",
                "property_hs_email_direction",
                "Email direction",
            ),
            values=_DIRECTION,
            fallback=Direction.OUTBOUND,
        ),
        Column(
            "hs_call_duration",
            "milliseconds",
            also=("property_hs_call_duration", "duration_milliseconds", "Call duration"),
        ),
        Column(
            "start_time",
            "occurred_at",
            also=("hs_meeting_start_time", "property_hs_meeting_start_time", "Meeting start time"),
        ),
        Column("hs_timestamp", "occurred_at", also=("property_hs_timestamp", "Activity date", "timestamp")),
        Column(
            "end_time",
            "ends_at",
            also=("hs_meeting_end_time", "property_hs_meeting_end_time", "Meeting end time"),
        ),
        Column("hs_createdate", "created_at", also=("property_hs_createdate", "Create date")),
        Column(
            "body",
            "body",
            also=(
                "hs_call_body",
                "property_hs_call_body",
                "hs_meeting_body",
                "property_hs_meeting_body",
                "Call notes",
                "Meeting description",
                "hs_note_body",
                "property_hs_note_body",
                "Note body",
                "hs_email_text",
                "property_hs_email_text",
            ),
        ),
        Column("contact_ids", "people", also=("Associated Contact IDs", "contact_id", "associated_contacts")),
        Column("company_id", "account", also=("Associated Company IDs", "associated_company")),
        Column("deal_id", "what", also=("Associated Deal IDs", "associated_deal")),
        Column(
            "hubspot_owner_id",
            "owner",
            also=("property_hubspot_owner_id", "owner_id", "Activity assigned to"),
        ),
    ),
)

register(
    Importer(
        record_type="accounts.activity",
        name="activity",
        prepare=importing.prepare,
        load=importing.load,
        write=importing.write,
        by_action=dict.fromkeys((*ACTIVITY.importable, "contacts"), "import"),
        mappings=(SALESFORCE, HUBSPOT),
    )
)
