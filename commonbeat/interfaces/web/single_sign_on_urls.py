"""Where single sign-on ends when it does not work."""

from allauth.socialaccount import views
from django.urls import path

urlpatterns = [
    path("login/cancelled/", views.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/error/", views.login_error, name="socialaccount_login_error"),
]
