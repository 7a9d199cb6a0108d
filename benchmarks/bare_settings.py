"""Settings of the bare site: the database as Django reaches it, and hardly anything else."""

from config import env

SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.bare_site"
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True
DATABASES = {"default": env.database("DATABASE_URL") | {"ENGINE": "django.db.backends.postgresql"}}
