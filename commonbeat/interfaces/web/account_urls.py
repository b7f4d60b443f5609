"""Addresses of signing in: of allauth's routes only those that staff need. Sign-up and e-mail management do not exist.

Who may read allauth's routes is listed in `interfaces.access.THIRD_PARTY`; a test compares.
"""

from allauth.account import views
from django.urls import include, path, re_path

from commonbeat.interfaces.web import account_pages

urlpatterns = [
    path("", account_pages.account, name="account"),
    path("sessions/end/", account_pages.end_sessions, name="account_end_sessions"),
    path("invitation/<str:token>/", account_pages.invitation, name="account_invitation"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("3rdparty/", include("commonbeat.interfaces.web.single_sign_on_urls")),
]
