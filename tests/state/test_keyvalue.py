"""A real Redis read: every type with its value, moments of expiry, names that are no text."""

import time
from contextlib import closing

import pytest

from godwit.state import read_keys
from godwit.verdict import HarnessError


@pytest.fixture
def client(redis_url):
    import redis

    with closing(redis.Redis.from_url(redis_url)) as found:
        found.flushall()
        yield found


def fill(client, prefix=""):
    client.set(f"{prefix}text", "Zoë")
    client.set(f"{prefix}session:1", "x", ex=1000)
    client.hset(f"{prefix}hash", mapping={"b": "2", "a": "1"})
    client.rpush(f"{prefix}list", "one", "two")
    client.sadd(f"{prefix}set", "b", "a")
    client.zadd(f"{prefix}zset", {"a": 1.5, "b": 0.1})
    client.xadd(f"{prefix}stream", {"k": "v"}, id="1-1")


def test_every_type_is_read(client, redis_url):
    fill(client)
    found = read_keys(redis_url, "*")
    assert {name: (it.type, it.items) for name, it in found.items()} == {
        "text": ("string", 1),
        "session:1": ("string", 1),
        "hash": ("hash", 2),
        "list": ("list", 2),
        "set": ("set", 2),
        "zset": ("zset", 2),
        "stream": ("stream", 1),
    }
    assert found["text"].shown == "Zoë"
    assert found["text"].expires_ms is None
    assert 0 < found["session:1"].expires_ms - time.time() * 1000 < 1_001_000


def test_equal_values_have_equal_digests_in_whatever_order_they_were_made(client, redis_url):
    fill(client)
    first = read_keys(redis_url, "*")
    client.flushall()
    client.sadd("set", "a", "b")
    client.hset("hash", mapping={"a": "1", "b": "2"})
    client.rpush("list", "two", "one")
    second = read_keys(redis_url, "*")
    assert {name: second[name].digest == first[name].digest for name in second} == {
        "set": True,
        "hash": True,
        "list": False,
    }


def test_only_the_keys_that_are_meant_are_read(client, redis_url):
    fill(client)
    assert list(read_keys(redis_url, "session:*")) == ["session:1"]


def test_signs_that_are_no_text_are_written_out(client, redis_url):
    client.set(b"\xff\x00key", b"\xfe")
    (name,) = read_keys(redis_url, "*")
    assert name == "\\xff\x00key"


def test_more_keys_than_one_question_takes_are_all_read(client, redis_url):
    client.mset({f"key:{number}": number for number in range(1234)})
    assert len(read_keys(redis_url, "*")) == 1234


def test_a_store_that_does_not_answer_is_an_error():
    with pytest.raises(HarnessError, match=r"127\.0\.0\.1"):
        read_keys("redis://:word@127.0.0.1:9/0", "*")
