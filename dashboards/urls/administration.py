"""People and roles, settings, jobs, audit trail."""

from django.urls import URLPattern, path

from dashboards.views.administration import audit, customers, jobs, looks, settings, users

urlpatterns: list[URLPattern] = [
    path("users/", users.users, name="users"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/<str:username>/", users.user, name="user"),
    path("users/<str:username>/roles/", users.give_role, name="user_role_give"),
    path("users/<str:username>/roles/<int:pk>/end/", users.take_role, name="user_role_end"),
    path("users/<str:username>/close/", users.close, name="user_close"),
    path("users/<str:username>/reopen/", users.reopen, name="user_reopen"),
    path("users/<str:username>/second-factor/", users.reset_factor, name="user_factor_reset"),
    path("users/<str:username>/sessions/end/", users.log_out, name="user_sessions_end"),
    path("users/<str:username>/password/", users.password_link, name="user_password_link"),
    path("users/<str:username>/unlock/", users.unlock, name="user_unlock"),
    path("settings/", settings.settings, name="settings"),
    path("settings/clients/", settings.client_new, name="client_new"),
    path("settings/clients/revoke/", settings.client_revoke, name="client_revoke"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/retry/", jobs.job_retry, name="job_retry"),
    path("customer-data/", customers.search, name="customer_search"),
    path("customer-data/<int:pk>/", customers.customer, name="customer_data"),
    path("customer-data/<int:pk>/export/", customers.export, name="customer_export"),
    path("customer-data/<int:pk>/erase/", customers.erase, name="customer_erase"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("access-log/", looks.looks, name="looks"),
    path("access-log/export/", looks.looks_export, name="looks_export"),
]
