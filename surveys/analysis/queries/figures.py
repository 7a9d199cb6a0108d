"""All figures of a survey, by sums in SQL and one pass over the answers a month at a time."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.stats import Estimate, Mean, mean_interval
