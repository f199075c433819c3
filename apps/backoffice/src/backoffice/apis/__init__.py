"""The five APIs, as the signed-in person may use them."""

from backoffice.apis.client import Answer, Api, Apis, Json, quoted
from backoffice.apis.faults import Away, Problem, ServiceAwayError, part

__all__ = ["Answer", "Api", "Apis", "Away", "Json", "Problem", "ServiceAwayError", "part", "quoted"]
