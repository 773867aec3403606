"""What a load balancer asks."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_running_process_is_alive_whatever_the_database_does(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"alive": True}


def test_without_a_worker_it_is_not_ready_and_says_why(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": True, "worker": False}
