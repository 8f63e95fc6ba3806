import sqlalchemy as sa

from family_guide.privacy.feedback import TABLE, Feedback


def rows(engine):
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sa.select(TABLE))]


def test_a_rating_is_kept_with_its_comment_redacted(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/f.db")
    Feedback(engine).add("c", 12.5, "down", "call me at 555-201-3344, it did not help")
    (row,) = rows(engine)
    assert (row["sender_id"], row["message_timestamp"], row["rating"]) == ("c", 12.5, "down")
    assert "555" not in row["comment"]
    assert "did not help" in row["comment"]


def test_feedback_goes_with_its_conversation_and_with_its_time(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/f.db")
    feedback = Feedback(engine)
    feedback.add("mine", 1, "up", "")
    feedback.add("yours", 2, "up", "")
    feedback.delete("mine")
    assert [row["sender_id"] for row in rows(engine)] == ["yours"]
    feedback.delete_older_than(1, now=rows(engine)[0]["created_at"] + 86401)
    assert rows(engine) == []
